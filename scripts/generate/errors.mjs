export default async function generate() { return {}; }
