/*
 * As much of HTTP/2 (RFC 9113) as a load client needs that sends the same request again and again: the number
 * of a stream written into the frames of a request, and frames that come taken apart, with the content of DATA
 * and the ends of streams told. Headers are not decoded. SETTINGS, WINDOW_UPDATE, PING and PRIORITY are passed
 * over; what refuses a request, or the connection, is an error.
 *
 *     +---------------+------+-------+-----------+----------------+
 *     | length, u24   | type | flags | stream    | payload        |
 *     |               | u8   | u8    | u31       | length bytes   |
 *     +---------------+------+-------+-----------+----------------+
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  HTTP2_HEAD_LENGTH = 9,
  HTTP2_DATA = 0,
  HTTP2_HEADERS = 1,
  HTTP2_RST_STREAM = 3,
  HTTP2_GOAWAY = 7,
  HTTP2_END_STREAM = 1,
  HTTP2_PADDED = 8,
};

/* What is known of one connection. */
struct http2 {
  uint8_t head[HTTP2_HEAD_LENGTH]; /* of the frame that is coming */
  unsigned head_length;
  size_t left;                     /* of its payload */
  unsigned contents;               /* complete contents whose streams have not ended: counted by the caller */
};

/* What the front of some bytes turned out to be. */
struct http2_piece {
  size_t length;       /* how many of the bytes it is */
  const uint8_t *data; /* content of a DATA frame, or a part of one */
  size_t data_length;
  bool ends_stream;
  const char *error;   /* NULL if all is well */
};

static size_t http2_payload_length(const uint8_t *head) {
  return (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
}

/* Writes the numbers of streams into requests, whose last frame ends the stream; `before` says how many requests
 * the connection has had. A client's streams have odd numbers. */
static void http2_number(uint8_t *requests, size_t length, uint32_t before) {
  uint32_t stream = 2 * before + 1;
  for (size_t at = 0; at + HTTP2_HEAD_LENGTH <= length;) {
    uint8_t *head = requests + at;
    for (int i = 0; i < 4; i++) head[5 + i] = (uint8_t)(stream >> (24 - 8 * i));
    if (head[4] & HTTP2_END_STREAM) stream += 2;
    at += HTTP2_HEAD_LENGTH + http2_payload_length(head);
  }
}

/* Takes a piece from the front of bytes, of which there is at least one. A frame may come in any pieces. */
static struct http2_piece http2_take(struct http2 *http2, const uint8_t *bytes, size_t length) {
  struct http2_piece piece = {0};
  while (http2->head_length < HTTP2_HEAD_LENGTH && piece.length < length) {
    http2->head[http2->head_length++] = bytes[piece.length++];
    if (http2->head_length == HTTP2_HEAD_LENGTH) http2->left = http2_payload_length(http2->head);
  }
  if (http2->head_length < HTTP2_HEAD_LENGTH) return piece;
  uint8_t type = http2->head[3], flags = http2->head[4];
  size_t part = length - piece.length < http2->left ? length - piece.length : http2->left;
  if (type == HTTP2_DATA) {
    piece.data = bytes + piece.length;
    piece.data_length = part;
    if (flags & HTTP2_PADDED) piece.error = "it is padded";
  }
  if (type == HTTP2_RST_STREAM) piece.error = "a stream was reset";
  if (type == HTTP2_GOAWAY) piece.error = "the server said goodbye";
  piece.length += part;
  http2->left -= part;
  if (http2->left > 0) return piece;
  http2->head_length = 0;
  piece.ends_stream = (type == HTTP2_DATA || type == HTTP2_HEADERS) && (flags & HTTP2_END_STREAM);
  return piece;
}
