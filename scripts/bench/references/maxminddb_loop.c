/*
 * Reference of the bench: looks addresses up with libmaxminddb and decodes every record in full.
 * Usage: maxminddb_loop FILE ADDRESSES PASSES. Prints a line with the number of hits of a pass, one with the seconds that
 * opening took, and one for each pass.
 */
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reads a whole file, with a zero byte behind it. */
static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = malloc((size_t)size + 1);
  if (text != NULL) text[fread(text, 1, (size_t)size, file)] = 0;
  fclose(file);
  return text;
}

/* Cuts a text into its lines. */
static char **split_lines(char *text, size_t *count) {
  size_t room = 1, at = 0;
  for (const char *c = text; *c != 0; c++) room += *c == '\n';
  char **lines = malloc(room * sizeof(char *));
  if (lines == NULL) return NULL;
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) lines[at++] = line;
  *count = at;
  return lines;
}

/* What a pass found. Values are counted so that no compiler leaves anything out. */
typedef struct {
  size_t hits, values;
} found_s;

/* Looks every address up once. */
static found_s look_up_all(MMDB_s *database, char **lines, size_t count) {
  found_s found = {0, 0};
  for (size_t i = 0; i < count; i++) {
    int gai_error, mmdb_error;
    MMDB_lookup_result_s result = MMDB_lookup_string(database, lines[i], &gai_error, &mmdb_error);
    if (gai_error != 0 || mmdb_error != MMDB_SUCCESS) exit(4);
    if (!result.found_entry) continue;
    MMDB_entry_data_list_s *list = NULL;
    if (MMDB_get_entry_data_list(&result.entry, &list) != MMDB_SUCCESS) exit(4);
    for (MMDB_entry_data_list_s *item = list; item != NULL; item = item->next) found.values++;
    found.hits++;
    MMDB_free_entry_data_list(list);
  }
  return found;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  size_t count = 0;
  char *text = read_file(argv[2]);
  if (text == NULL) return 3;
  char **lines = split_lines(text, &count);
  if (lines == NULL) return 3;
  MMDB_s database;
  double started = now();
  if (MMDB_open(argv[1], MMDB_MODE_MMAP, &database) != MMDB_SUCCESS) return 3;
  double opened = now() - started;
  found_s found = {0, 0};
  int passes = atoi(argv[3]);
  double *seconds = malloc(sizeof(double) * (size_t)(passes + 1));
  if (seconds == NULL) return 3;
  for (int pass = 0; pass < passes; pass++) {
    started = now();
    found = look_up_all(&database, lines, count);
    seconds[pass] = now() - started;
  }
  printf("%zu\n%.6f\n", found.hits, opened);
  for (int pass = 0; pass < passes; pass++) printf("%.6f\n", seconds[pass]);
  fprintf(stderr, "%zu addresses, %zu values\n", count, found.values);
  MMDB_close(&database);
  return 0;
}
