/*
 * The part of the package with the sockets of the runtime that this runs on.
 */
import type * as Face from 'tercet/node';

export const faceOf = (): Promise<typeof Face> => {
  if ('Bun' in globalThis) return import('tercet/bun');
  if ('Deno' in globalThis) return import('tercet/deno');
  return import('tercet/node');
};

export const portOf = (address: { readonly port: number } | undefined): number =>
  address?.port ?? 0;
