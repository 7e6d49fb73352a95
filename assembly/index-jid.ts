/*
 * The exports of the build for the addresses alone.
 */
export * from './index';
