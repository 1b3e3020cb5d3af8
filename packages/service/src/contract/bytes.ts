/** The content type of bytes that a contract asks for: it does not say what they mean, so neither do we. */
export const BYTES_TYPE = 'application/octet-stream';
