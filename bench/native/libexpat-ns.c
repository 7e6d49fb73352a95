/*
 * libexpat with namespaces: the bar for a tokenizer that checks everything.
 *
 * Handlers count start tags, end tags and text, and refuse comments, processing instructions and
 * DOCTYPE, as RFC 6120 (section 11.1) asks. Orders and answers are those of bench/child.mjs:
 *
 *     libexpat-ns time  FILE HEADER_LENGTH CHUNK   then `start end start end ...` a line
 *     libexpat-ns check FILE HEADER_LENGTH CHUNK start end ...
 */

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static struct {
  XML_Parser parser;
  long depth, elements, ends, attributes, value_bytes, text_bytes;
  const XML_Char **last;
} state;

static void start(void *data, const XML_Char *name, const XML_Char **attributes) {
  state.elements++;
  state.last = attributes;
}

static void end(void *data, const XML_Char *name) { state.ends++; }

static void text(void *data, const XML_Char *value, int length) { state.text_bytes += length; }

static void start_checked(void *data, const XML_Char *name, const XML_Char **attributes) {
  state.elements++;
  state.depth++;
  for (; *attributes; attributes += 2) {
    state.attributes++;
    state.value_bytes += strlen(attributes[1]);
  }
}

static void end_checked(void *data, const XML_Char *name) { state.depth--; }

static void text_checked(void *data, const XML_Char *value, int length) {
  if (state.depth >= 2) state.text_bytes += length;
}

static void refuse(void) { XML_StopParser(state.parser, XML_FALSE); }
static void comment(void *data, const XML_Char *value) { refuse(); }
static void instruction(void *data, const XML_Char *target, const XML_Char *value) { refuse(); }
static void doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                    int subset) {
  refuse();
}

static void feed(const char *bytes, long length) {
  if (XML_Parse(state.parser, bytes, (int)length, 0) != XML_STATUS_OK) {
    fprintf(stderr, "libexpat: %s at byte %ld\n", XML_ErrorString(XML_GetErrorCode(state.parser)),
            (long)XML_GetCurrentByteIndex(state.parser));
    exit(1);
  }
}

static void stream(const char *file, long header_length, long chunk, long from, long to, int check) {
  state.parser = XML_ParserCreateNS("UTF-8", '\1');
  state.depth = 0;
  XML_SetElementHandler(state.parser, check ? start_checked : start, check ? end_checked : end);
  XML_SetCharacterDataHandler(state.parser, check ? text_checked : text);
  XML_SetCommentHandler(state.parser, comment);
  XML_SetProcessingInstructionHandler(state.parser, instruction);
  XML_SetStartDoctypeDeclHandler(state.parser, doctype);
#ifdef REPARSE_DEFERRAL
  /* A stanza must be delivered when it is complete, not when more input has come. */
  XML_SetReparseDeferralEnabled(state.parser, XML_FALSE);
#endif
  feed(file, header_length);
  for (long offset = from; offset < to; offset += chunk) {
    feed(file + offset, to - offset < chunk ? to - offset : chunk);
  }
  XML_ParserFree(state.parser);
}

static double cpu_microseconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

static double wall_microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

int main(int count, char **words) {
  if (count < 5) return 2;
  FILE *source = fopen(words[2], "rb");
  if (!source) return 2;
  fseek(source, 0, SEEK_END);
  long size = ftell(source);
  rewind(source);
  char *file = malloc(size);
  if (fread(file, 1, size, source) != (size_t)size) return 2;
  fclose(source);
  long header_length = atol(words[3]), chunk = atol(words[4]);

  if (strcmp(words[1], "check") == 0) {
    for (int index = 5; index + 1 < count; index += 2) {
      stream(file, header_length, chunk, atol(words[index]), atol(words[index + 1]), 1);
    }
    printf("{\"elements\":%ld,\"attributes\":%ld,\"valueBytes\":%ld,\"textBytes\":%ld}\n",
           state.elements, state.attributes, state.value_bytes, state.text_bytes);
    return 0;
  }

  static char line[1 << 16];
  printf("{\"ready\":true}\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) && strncmp(line, "quit", 4) != 0) {
    long bytes = 0;
    state.elements = 0;
    double wall = wall_microseconds(), cpu = cpu_microseconds();
    char *cursor = line, *next;
    for (;;) {
      long from = strtol(cursor, &next, 10);
      if (next == cursor) break;
      long to = strtol(next, &cursor, 10);
      stream(file, header_length, chunk, from, to, 0);
      bytes += to - from;
    }
    cpu = cpu_microseconds() - cpu;
    wall = wall_microseconds() - wall;
    printf("{\"cpu\":%.0f,\"wall\":%.1f,\"bytes\":%ld,\"elements\":%ld}\n", cpu, wall, bytes,
           state.elements);
    fflush(stdout);
  }
  return 0;
}
