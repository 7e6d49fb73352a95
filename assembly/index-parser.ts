/*
 * The exports of the build for the parser alone.
 */
export * from './index';
