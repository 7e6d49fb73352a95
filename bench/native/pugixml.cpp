/*
 * pugixml: a whole document at a time into a DOM, in place. It checks little and knows no
 * namespaces; it stands for how fast C++ can be when a document is complete and trusted.
 *
 * Each segment is copied behind the stream header, closed, and parsed in place; the copy is inside
 * the timing, as it would be behind a socket. Orders and answers are those of bench/child.mjs:
 *
 *     pugixml time  FILE HEADER_LENGTH MODE   then `start end start end ...` a line
 *     pugixml check FILE HEADER_LENGTH MODE start end ...
 *
 * MODE `tokens` and `eager` build the tree; `lazy` also reads the six fields of each stanza.
 */

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pugixml.hpp>
#include <string>
#include <sys/resource.h>
#include <time.h>
#include <vector>

struct Counts {
  long elements = 0, attributes = 0, value_bytes = 0, text_bytes = 0, stanzas = 0, field_bytes = 0;
};

static void census(const pugi::xml_node &node, int depth, Counts &counts) {
  for (pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) {
      counts.elements++;
      for (pugi::xml_attribute attribute : child.attributes()) {
        if (strcmp(attribute.name(), "xmlns") == 0) continue;
        if (strncmp(attribute.name(), "xmlns:", 6) == 0) continue;
        counts.attributes++;
        counts.value_bytes += strlen(attribute.value());
      }
      census(child, depth + 1, counts);
    } else if (depth >= 2) {
      counts.text_bytes += strlen(child.value());
    }
  }
}

static void read_fields(const pugi::xml_node &root, Counts &counts) {
  for (pugi::xml_node stanza : root.children()) {
    if (stanza.type() != pugi::node_element) continue;
    counts.field_bytes += strlen(stanza.name()) + strlen(stanza.attribute("type").value()) +
                          strlen(stanza.attribute("to").value()) +
                          strlen(stanza.attribute("from").value()) +
                          strlen(stanza.attribute("id").value()) +
                          strlen(stanza.child("body").text().get());
  }
}

static double cpu_microseconds() {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

static double wall_microseconds() {
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
  std::vector<char> file(size);
  if (fread(file.data(), 1, size, source) != (size_t)size) return 2;
  fclose(source);
  const long header_length = atol(words[3]);
  const bool check = strcmp(words[1], "check") == 0, lazy = strcmp(words[4], "lazy") == 0,
             tokens = strcmp(words[4], "tokens") == 0;
  const std::string close = "</stream:stream>";

  std::vector<char> buffer;
  pugi::xml_document document;
  Counts counts;
  auto stream = [&](long from, long to) {
    const size_t length = header_length + (to - from) + close.size();
    if (buffer.size() < length) buffer.resize(length);
    memcpy(buffer.data(), file.data(), header_length);
    memcpy(buffer.data() + header_length, file.data() + from, to - from);
    memcpy(buffer.data() + header_length + (to - from), close.data(), close.size());
    // White-space text is kept: it is content, and every other subject delivers it.
    const pugi::xml_parse_result result = document.load_buffer_inplace(
        buffer.data(), length, pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
    if (!result) {
      fprintf(stderr, "pugixml: %s at byte %ld\n", result.description(), (long)result.offset);
      exit(1);
    }
    // The header counts as an element where tokens are compared, and not where stanzas are.
    if (check && tokens) census(document, 0, counts);
    else if (check) census(document.document_element(), 1, counts);
    else if (lazy) read_fields(document.document_element(), counts);
  };

  if (check) {
    for (int index = 5; index + 1 < count; index += 2) stream(atol(words[index]), atol(words[index + 1]));
    printf("{\"elements\":%ld,\"attributes\":%ld,\"valueBytes\":%ld,\"textBytes\":%ld}\n",
           counts.elements, counts.attributes, counts.value_bytes, counts.text_bytes);
    return 0;
  }

  static char line[1 << 16];
  printf("{\"ready\":true}\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) && strncmp(line, "quit", 4) != 0) {
    long bytes = 0;
    double wall = wall_microseconds(), cpu = cpu_microseconds();
    char *cursor = line, *next;
    for (;;) {
      long from = strtol(cursor, &next, 10);
      if (next == cursor) break;
      long to = strtol(next, &cursor, 10);
      stream(from, to);
      bytes += to - from;
    }
    cpu = cpu_microseconds() - cpu;
    wall = wall_microseconds() - wall;
    printf("{\"cpu\":%.0f,\"wall\":%.1f,\"bytes\":%ld}\n", cpu, wall, bytes);
    fflush(stdout);
  }
  return 0;
}
