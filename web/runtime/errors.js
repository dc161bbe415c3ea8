/** errors.js: the errors of the host boundary, as vm/devices/errors.h has them. DENIED: by permission, outside the allowed folders or
 * read-only. */
export const ERR = Object.freeze({
  FAILED: -1, NOT_FOUND: -2, DENIED: -3, EXISTS: -4, NOT_DIR: -5,
  IS_DIR: -6, NO_SPACE: -7, BAD_HANDLE: -8, WOULD_BLOCK: -9, UNSUPPORTED: -10,
});
