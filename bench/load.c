/* The load generator: the participants of many rooms in one process, and the scales that weigh the server.
 *
 * `turns`: in every room the members speak in strict alternation, each as soon as it reads that it is its turn.
 * `idle`:  everybody joins and nobody speaks.
 *
 * Two protocols: `moothall` is the JSON lines door (docs/protocol/json.md); `line` is relay.c's, where a member says
 * what Moothall would have made of its words, so that the lines on the wire have the same length.
 *
 * While it measures it checks: each member reads every turn of its room once, in order, from the member whose turn it
 * was. Anything else ends the run with a sentence and exit code 1; the figures, else, are one JSON object on standard
 * output. The server's CPU time is its process clock, so threads that have ended count too.
 *
 * Usage: load --port P --pid PID [--protocol line|moothall] [--mode turns|idle] [--rooms R] [--members N]
 *             [--warm SECONDS] [--seconds SECONDS]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "scales.h"

enum {
    EVENTS_A_TICK = 1024,
    READ_BYTES = 256 * 1024,
    LINE_BYTES = 512,         /* of a line that we send */
    TEXT_BYTES = 60,          /* of an utterance: a short sentence */
    JOINING_ROOMS = 64,       /* rooms that fill at the same time */
    STALL_MS = 10000,         /* silence for this long, where something must come, is a stall */
    QUIET_MS = 300,           /* silence for this long means that the server has settled */
};

struct member {
    int fd;
    struct room *room;
    int seat;       /* 0 … members_a_room - 1, in order of arrival */
    char name[16];
    uint64_t heard; /* the last turn that it read, or said itself; also their count, since none may be missing */
    char *tail;     /* the beginning of a line that has no end yet */
    size_t tail_length, tail_capacity;
};

struct room {
    struct member *members;
    int joined;
    uint64_t turn;    /* the last turn that the floor was given for; 0: none yet */
    uint64_t said;    /* the last turn that was said */
    uint64_t said_at; /* ns: when */
};

static struct {
    uint16_t port;
    pid_t pid;
    bool relay, idle;
    int rooms, members_a_room;
    double warm_seconds, seconds;
} settings = {.rooms = 1, .members_a_room = 4, .warm_seconds = 1, .seconds = 3};

static int epoll_fd;
static struct room *rooms;
static int rooms_opened, members_joined;
static enum { JOINING, TALKING, MEASURING, STOPPING } phase;

/* ---- what we send ---- */

/* One short line at a time to a server that reads: the kernel has room for it, or the server hangs. */
static void send_line(struct member *who, const char *line, int length)
{
    if (send(who->fd, line, (size_t)length, MSG_NOSIGNAL) != length)
        fail("room %d: %s could not send a line: %s", (int)(who->room - rooms), who->name, strerror(errno));
}

static void send_join(struct member *who)
{
    char line[LINE_BYTES];
    int room = (int)(who->room - rooms), length;
    if (settings.relay)
        length = snprintf(line, sizeof line, "r%05d\n", room);
    else
        length = snprintf(line, sizeof line, "{\"do\":\"join\",\"room\":\"r%05d\",\"name\":\"%s\",\"kind\":\"bot\"}\n",
                          room, who->name);
    send_line(who, line, length);
}

static void speak(struct member *who)
{
    static const char text[TEXT_BYTES + 1] = "The wheels on the bus go round and round, all through the to";
    struct room *room = who->room;
    char line[LINE_BYTES];
    int length;
    unsigned long turn = room->turn;
    if (settings.relay)
        length = snprintf(line, sizeof line,
                          "{\"event\":\"said\",\"seq\":%lu,\"at\":1795349000000,\"name\":\"%s\",\"turn\":%lu,"
                          "\"text\":\"%s\",\"cid\":\"c%lu\"}\n",
                          2 * turn, who->name, turn, text, turn);
    else
        length = snprintf(line, sizeof line, "{\"do\":\"say\",\"text\":\"%s\",\"cid\":\"c%lu\"}\n", text, turn);
    room->said = turn;
    room->said_at = now();
    if (settings.relay)
        who->heard = turn; /* the relay sends nobody's words back */
    send_line(who, line, length);
}

/* ---- what we read ---- */

static int seat_of_turn(uint64_t turn)
{
    return (int)((turn - 1) % (uint64_t)settings.members_a_room);
}

/* `who` has the floor. */
static void take_floor(struct member *who, uint64_t turn)
{
    struct room *room = who->room;
    if (turn != room->turn + 1 || turn != room->said + 1 || who->seat != seat_of_turn(turn))
        fail("room %d: %s was given turn %lu, but turn %lu is %d's", (int)(room - rooms), who->name, turn,
             room->said + 1, seat_of_turn(room->said + 1));
    room->turn = turn;
    if (phase == MEASURING)
        note_latency(now() - room->said_at);
    if (phase == TALKING || phase == MEASURING)
        speak(who);
}

/* `reader` reads that `name` said turn `turn`. */
static void hear(struct member *reader, const char *name, uint64_t turn)
{
    struct room *room = reader->room;
    if (turn != reader->heard + 1)
        fail("room %d: %s read turn %lu after turn %lu", (int)(room - rooms), reader->name, turn, reader->heard);
    const char *expected = room->members[seat_of_turn(turn)].name;
    if (strncmp(name, expected, strlen(expected)))
        fail("room %d: turn %lu was %s's, but %.8s spoke", (int)(room - rooms), turn, expected, name);
    reader->heard = turn;
    if (settings.relay && seat_of_turn(turn + 1) == reader->seat)
        take_floor(reader, turn + 1);
}

/* Where the value of `key` begins. Names and turns stand before the text, so that no text can be taken for them. */
static const char *value_of(const char *key, const char *line, size_t length)
{
    const char *found = memmem(line, length, key, strlen(key));
    if (!found)
        fail("no %s in: %.*s", key, (int)length, line);
    return found + strlen(key);
}

static bool begins(const char *line, size_t length, const char *with)
{
    return length >= strlen(with) && !memcmp(line, with, strlen(with));
}

static void open_seat(struct room *room);

static void note_joined(struct member *who)
{
    members_joined++;
    if (++who->room->joined < settings.members_a_room)
        open_seat(who->room);
    else if (rooms_opened < settings.rooms)
        open_seat(&rooms[rooms_opened++]);
}

/* Events that end a turn, or a seat, without words: there may be none. */
static bool breaks_the_round(const char *line, size_t length)
{
    static const char *const signs[] = {
        "{\"reply\":\"refused\"",       "{\"event\":\"passed\"",       "{\"event\":\"time_called\"",
        "{\"event\":\"floor_revoked\"", "{\"event\":\"left\"",         "{\"event\":\"went_away\"",
        "{\"event\":\"removed\"",       "{\"event\":\"topic_closed\"", "{\"event\":\"sitting_closed\"",
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (begins(line, length, signs[i]))
            return true;
    return false;
}

/* `length` counts the newline. */
static void take_line(struct member *who, const char *line, size_t length)
{
    if (begins(line, length, "{\"event\":\"said\"")) {
        hear(who, value_of("\"name\":\"", line, length), strtoull(value_of("\"turn\":", line, length), NULL, 10));
    } else if (begins(line, length, "{\"event\":\"floor_granted\"")) {
        const char *name = value_of("\"name\":\"", line, length);
        size_t name_length = strlen(who->name);
        if (!strncmp(name, who->name, name_length) && name[name_length] == '"')
            take_floor(who, strtoull(value_of("\"turn\":", line, length), NULL, 10));
    } else if (begins(line, length, settings.relay ? "joined" : "{\"reply\":\"joined\"")) {
        note_joined(who);
    } else if (breaks_the_round(line, length)) {
        fail("room %d: %s read %.*s", (int)(who->room - rooms), who->name, (int)length - 1, line);
    }
}

static void keep_tail(struct member *who, const char *data, size_t length)
{
    if (length > who->tail_capacity) {
        who->tail_capacity = length;
        who->tail = realloc(who->tail, length);
        if (!who->tail)
            fail("out of memory");
    }
    memcpy(who->tail, data, length);
    who->tail_length = length;
}

static void read_from(struct member *who)
{
    static char buffer[READ_BYTES];
    size_t length = who->tail_length;
    if (length)
        memcpy(buffer, who->tail, length);
    who->tail_length = 0;
    ssize_t got = recv(who->fd, buffer + length, sizeof buffer - length, 0);
    if (got <= 0)
        fail("room %d: the server closed %s's connection%s%s", (int)(who->room - rooms), who->name, got ? ": " : "",
             got ? strerror(errno) : "");
    length += (size_t)got;
    size_t taken = 0;
    for (const char *end; (end = memchr(buffer + taken, '\n', length - taken)); taken = (size_t)(end + 1 - buffer))
        take_line(who, buffer + taken, (size_t)(end + 1 - buffer) - taken);
    if (taken < length)
        keep_tail(who, buffer + taken, length - taken);
}

/* Read what there is; return false when nothing came for `wait_ms`. */
static bool read_some(int wait_ms)
{
    static struct epoll_event events[EVENTS_A_TICK];
    int count = epoll_wait(epoll_fd, events, EVENTS_A_TICK, wait_ms);
    for (int i = 0; i < count; i++)
        read_from(events[i].data.ptr);
    return count > 0;
}

/* ---- the phases of a run ---- */

/* Connect the room's next member; the one after it comes when this one is told that it has joined. */
static void open_seat(struct room *room)
{
    struct member *who = &room->members[room->joined];
    struct sockaddr_in server = {
        .sin_family = AF_INET, .sin_port = htons(settings.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger no_time_wait = {.l_onoff = 1, .l_linger = 0}; /* else ten thousand connections use up the ports */
    int on = 1;
    who->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (who->fd < 0 || connect(who->fd, (struct sockaddr *)&server, sizeof server))
        fail("cannot connect: %s", strerror(errno));
    setsockopt(who->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(who->fd, SOL_SOCKET, SO_LINGER, &no_time_wait, sizeof no_time_wait);
    fcntl(who->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, who->fd, &event))
        fail("cannot watch a connection: %s", strerror(errno));
    send_join(who);
}

static void set_up_rooms(void)
{
    rooms = calloc((size_t)settings.rooms, sizeof *rooms);
    for (int r = 0; rooms && r < settings.rooms; r++) {
        struct room *room = &rooms[r];
        room->members = calloc((size_t)settings.members_a_room, sizeof *room->members);
        if (!room->members)
            fail("out of memory");
        for (int seat = 0; seat < settings.members_a_room; seat++) {
            struct member *who = &room->members[seat];
            who->room = room;
            who->seat = seat;
            snprintf(who->name, sizeof who->name, "m%d", seat);
        }
    }
}

static void join_all(void)
{
    while (rooms_opened < settings.rooms && rooms_opened < JOINING_ROOMS)
        open_seat(&rooms[rooms_opened++]);
    while (members_joined < settings.rooms * settings.members_a_room)
        if (!read_some(STALL_MS))
            fail("joining stalled at %d members", members_joined);
}

static void read_until_quiet(void)
{
    while (read_some(QUIET_MS))
        ;
}

/* Let the first member of every room begin; in Moothall it has the floor already. */
static void start_talking(void)
{
    phase = TALKING;
    for (int r = 0; r < settings.rooms; r++) {
        if (settings.relay)
            rooms[r].turn = 1;
        else if (rooms[r].turn != 1)
            fail("room %d: nobody was given the first turn", r);
        speak(&rooms[r].members[0]);
    }
}

/* Returns when it stopped. */
static uint64_t talk_for(double seconds)
{
    uint64_t start = now(), time = start, length = (uint64_t)(seconds * NS_A_SECOND);
    while (time - start < length) {
        if (!read_some(STALL_MS))
            fail("everybody waits: room 0 stalled after turn %lu", rooms[0].said);
        time = now();
    }
    return time;
}

/* After the last words have come: has everybody read every turn, and was the next one given the floor? */
static void check_nothing_is_missing(void)
{
    for (int r = 0; r < settings.rooms; r++) {
        struct room *room = &rooms[r];
        for (int seat = 0; seat < settings.members_a_room; seat++)
            if (room->members[seat].heard != room->said)
                fail("room %d: %s has read %lu of %lu turns", r, room->members[seat].name, room->members[seat].heard,
                     room->said);
        if (room->turn != room->said + 1)
            fail("room %d: nobody was given turn %lu", r, room->said + 1);
    }
}

static void measure_idle(void)
{
    long rss_before = rss_of(settings.pid);
    uint64_t cpu_before = cpu_of(settings.pid);
    join_all();
    read_until_quiet();
    uint64_t cpu = cpu_of(settings.pid) - cpu_before;
    long rss = rss_of(settings.pid);
    double connections = settings.rooms * settings.members_a_room;
    printf("{\"connections\":%.0f,\"cpu_us_per_join\":%.3f,\"rss_bytes\":%ld,\"rss_bytes_per_connection\":%.1f}\n",
           connections, (double)cpu / 1e3 / connections, rss, (double)(rss - rss_before) / connections);
}

static void measure_turns(void)
{
    join_all();
    read_until_quiet();
    start_talking();
    talk_for(settings.warm_seconds);

    phase = MEASURING;
    uint64_t cpu_before = cpu_of(settings.pid), started = now();
    uint64_t ended = talk_for(settings.seconds);
    uint64_t cpu = cpu_of(settings.pid) - cpu_before;
    phase = STOPPING;

    read_until_quiet();
    check_nothing_is_missing();
    if (!latency_count)
        fail("no turn ended in the time measured");
    sort_latencies();
    printf("{\"turns\":%zu,\"seconds\":%.3f,\"cpu_us_per_turn\":%.3f,"
           "\"p50_us\":%.1f,\"p99_us\":%.1f,\"rss_bytes\":%ld}\n",
           latency_count, (double)(ended - started) / NS_A_SECOND, (double)cpu / 1e3 / (double)latency_count,
           percentile(50), percentile(99), rss_of(settings.pid));
}

/* ---- the command line ---- */

static void read_settings(int argument_count, char **arguments)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},    {"pid", required_argument, NULL, 'i'},
        {"protocol", required_argument, NULL, 'P'}, {"mode", required_argument, NULL, 'm'},
        {"rooms", required_argument, NULL, 'r'},   {"members", required_argument, NULL, 'n'},
        {"warm", required_argument, NULL, 'w'},    {"seconds", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argument_count, arguments, "", options, NULL)) != -1;)
        switch (option) {
        case 'p': settings.port = (uint16_t)atoi(optarg); break;
        case 'i': settings.pid = atoi(optarg); break;
        case 'P': settings.relay = !strcmp(optarg, "line"); break;
        case 'm': settings.idle = !strcmp(optarg, "idle"); break;
        case 'r': settings.rooms = atoi(optarg); break;
        case 'n': settings.members_a_room = atoi(optarg); break;
        case 'w': settings.warm_seconds = atof(optarg); break;
        case 's': settings.seconds = atof(optarg); break;
        default: exit(2);
        }
    if (!settings.port || !settings.pid || settings.rooms < 1 || settings.members_a_room < 2)
        fail("--port and --pid are needed, at least 1 room and 2 members");
}

int main(int argument_count, char **arguments)
{
    read_settings(argument_count, arguments);
    epoll_fd = epoll_create1(0);
    set_up_rooms();
    if (settings.idle)
        measure_idle();
    else
        measure_turns();
    return 0;
}
