/**
 * The control rows: the same work in plain JavaScript, as little as it takes, without any check.
 *
 * It reads well-formed XML only, knows no namespaces, CDATA, declarations or white space around `=`, and believes its input. What it costs is
 * what JavaScript has to pay for elements in any case; no parser that builds them can be much faster.
 */

class PlainElement {
  constructor(name, attrs, children) {
    this.name = name;
    this.attrs = attrs;
    this.children = children;
  }
}

const space = 32;
const slash = 47;
const close = 62;
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescape = (text) =>
  text.includes('&') ? text.replace(/&(\w+);/g, (_, name) => entities[name]) : text;
const escape = (text) =>
  /[&<>]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    : text;
const escapeValue = (text) => (/[&<']/.test(text) ? escape(text).replaceAll("'", '&apos;') : text);

export function parse(source) {
  const root = new PlainElement('', {}, []);
  const stack = [];
  let parent = root;
  let position = 0;
  for (;;) {
    const open = source.indexOf('<', position);
    if (open < 0) return root.children[0];
    if (open > position && parent !== root) {
      parent.children.push(unescape(source.slice(position, open)));
    }
    if (source.charCodeAt(open + 1) === slash) {
      position = source.indexOf('>', open) + 1;
      parent = stack.pop();
      continue;
    }
    position = open + 1;
    let code = source.charCodeAt(position);
    while (code !== close && code !== slash && code > space) code = source.charCodeAt(++position);
    const attrs = {};
    const element = new PlainElement(source.slice(open + 1, position), attrs, []);
    parent.children.push(element);
    for (;;) {
      while (code <= space) code = source.charCodeAt(++position);
      if (code === close || code === slash) break;
      const equals = source.indexOf('=', position);
      const quote = source[equals + 1];
      const end = source.indexOf(quote, equals + 2);
      attrs[source.slice(position, equals)] = unescape(source.slice(equals + 2, end));
      position = end + 1;
      code = source.charCodeAt(position);
    }
    if (code === slash) position += 2;
    else {
      position += 1;
      stack.push(parent);
      parent = element;
    }
  }
}

export function serialize({ name, attrs, children }) {
  let text = `<${name}`;
  for (const key of Object.keys(attrs)) text += ` ${key}='${escapeValue(attrs[key])}'`;
  if (children.length === 0) return `${text}/>`;
  text += '>';
  for (const child of children)
    text += typeof child === 'string' ? escape(child) : serialize(child);
  return `${text}</${name}>`;
}

export const element = (name, attrs, ...children) => new PlainElement(name, attrs ?? {}, children);
