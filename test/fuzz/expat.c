/*
 * Says of each document on stdin whether libexpat takes it: a length of four bytes, little-endian, then
 * the bytes. One line a document: 1, or 0 and why. Comments, processing instructions and DOCTYPE are
 * refused, as RFC 6120, section 11.1 asks.
 */
#include <expat.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static XML_Parser parser;
static int restricted;

static void on_comment(void *data, const XML_Char *text) {
  (void)data;
  (void)text;
  restricted = 1;
}

static void on_instruction(void *data, const XML_Char *target, const XML_Char *text) {
  (void)data;
  (void)target;
  (void)text;
  restricted = 1;
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int internal) {
  (void)data;
  (void)name;
  (void)system_id;
  (void)public_id;
  (void)internal;
  restricted = 1;
  XML_StopParser(parser, XML_FALSE);
}

int main(void) {
  unsigned char head[4];
  while (fread(head, 1, 4, stdin) == 4) {
    const uint32_t length = head[0] | head[1] << 8 | head[2] << 16 | (uint32_t)head[3] << 24;
    char *bytes = malloc(length + 1);
    if (bytes == NULL || fread(bytes, 1, length, stdin) != length) return 1;
    // Any other separator is refused inside a namespace, which would be libexpat's rule alone.
    parser = XML_ParserCreateNS(NULL, '\0');
    restricted = 0;
    XML_SetCommentHandler(parser, on_comment);
    XML_SetProcessingInstructionHandler(parser, on_instruction);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    const enum XML_Status status = XML_Parse(parser, bytes, (int)length, 1);
    const char *reason = XML_ErrorString(XML_GetErrorCode(parser));
    if (status == XML_STATUS_OK && !restricted) printf("1\n");
    else printf("0 %s\n", restricted || reason == NULL ? "restricted" : reason);
    XML_ParserFree(parser);
    free(bytes);
  }
  return 0;
}
