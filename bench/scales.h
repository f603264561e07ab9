/* What both load generators weigh a server with: its CPU time, its memory, and how long something took. */
#ifndef SCALES_H
#define SCALES_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

enum { NS_A_SECOND = 1000000000 };

static uint64_t *latencies; /* ns, one for each thing that was measured */
static size_t latency_count, latency_capacity;

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static uint64_t read_clock(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time))
        fail("the clock cannot be read: %s", strerror(errno));
    return (uint64_t)time.tv_sec * NS_A_SECOND + (uint64_t)time.tv_nsec;
}

static uint64_t now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* The CPU time, in ns, that a process has used, user and system, in all its threads. */
static uint64_t cpu_of(pid_t server)
{
    clockid_t clock;
    if (clock_getcpuclockid(server, &clock))
        fail("the server (process %d) is gone", server);
    return read_clock(clock);
}

/* Bytes; from smaps_rollup, since the counters in /proc/PID/status lag behind by some pages for each core. */
static long rss_of(pid_t server)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", server);
    FILE *file = fopen(path, "r");
    if (!file)
        fail("%s cannot be read: %s", path, strerror(errno));
    long kilobytes = -1;
    while (kilobytes < 0 && fgets(line, sizeof line, file))
        sscanf(line, "Rss: %ld kB", &kilobytes);
    fclose(file);
    return kilobytes * 1024;
}

static void note_latency(uint64_t ns)
{
    if (latency_count == latency_capacity) {
        latency_capacity = latency_capacity ? latency_capacity * 2 : 65536;
        latencies = realloc(latencies, latency_capacity * sizeof *latencies);
        if (!latencies)
            fail("out of memory");
    }
    latencies[latency_count++] = ns;
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void sort_latencies(void)
{
    qsort(latencies, latency_count, sizeof *latencies, by_size);
}

/* Of sorted latencies, in µs. */
static double percentile(int percent)
{
    return latency_count ? (double)latencies[(latency_count - 1) * (size_t)percent / 100] / 1e3 : 0;
}

#endif
