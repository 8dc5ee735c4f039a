/** Licences that ask for nothing but their own text to be kept. */
export const PERMISSIVE = '0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause ISC MIT'.split(' ');
