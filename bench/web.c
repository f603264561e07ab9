/* The load generator of `readers` and `speakers`: rooms whose members speak through one door, and readers at any door.
 *
 * In every room the members speak in strict alternation, each as soon as it reads that it has the floor. Every
 * utterance begins with its number in the room, so that all doors can be checked alike: each member and each reader
 * reads every utterance once, in order, from the member whose turn it was. Anything else ends the run with a sentence
 * and exit code 1; the figures, else, are one JSON object on standard output.
 *
 * What HTTP and WebSocket put around the words is taken off as cheaply as can be, and everything that is sent is
 * written beforehand, so that the server is what a figure measures. `load_busy` says how busy this process was.
 *
 * Usage: web --port P --pid PID --speak json|text|websocket [--readers json|text|websocket|events=COUNT]...
 *            [--rooms R] [--members N] [--warm SECONDS] [--seconds SECONDS]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scales.h"

enum {
    EVENTS_A_TICK = 1024,
    READ_BYTES = 256 * 1024,
    LINE_BYTES = 512,        /* of a line that we send */
    COMING_IN = 64,          /* connections that come in at the same time */
    MAX_READERS = 4,         /* options --readers */
    REMEMBERED = 4096,       /* utterances of a room whose moment is known */
    STALL_MS = 10000,        /* silence for this long, where something must come, is a stall */
    QUIET_MS = 300,          /* silence for this long means that the server has settled */
};

enum door { JSON, TEXT, WEBSOCKET, EVENTS, DOORS };
static const char *const door_names[DOORS] = {"json", "text", "websocket", "events"};

struct bytes {
    char *data;
    size_t length, capacity;
};

struct connection {
    int fd;
    enum door door;
    struct room *room;
    int seat;             /* 0 … members - 1, in order of arrival; -1: a reader */
    bool has_head, is_in; /* it has read the head of the answer; it has been let into the room */
    uint64_t heard;       /* the last utterance that it read; also their count, since none may be missing */
    struct bytes rest;    /* what came and is not whole yet */
    struct bytes begun;   /* of a stream: the beginning of a line that goes on in the next chunk */
};

struct room {
    struct connection *members;
    int number, joined;
    uint64_t granted, said; /* how often the floor was given, and the number of the last utterance */
    uint64_t said_at[REMEMBERED];
};

static struct {
    uint16_t port;
    pid_t pid;
    enum door speak;
    int rooms, members, reader_kinds, readers;
    struct { enum door door; int count; } kinds[MAX_READERS];
    double warm_seconds, seconds;
} settings = {.speak = JSON, .rooms = 50, .members = 4, .warm_seconds = 1, .seconds = 3};

static int epoll_fd, seats_taken, rooms_begun, readers_opened, readers_in;
static struct room *rooms;
static struct connection *readers;
static enum { COMING, TALKING, MEASURING, STOPPING } phase;
static uint64_t deliveries, utterances;

/* ---- bytes ---- */

static void append(struct bytes *to, const char *data, size_t length)
{
    if (to->length + length > to->capacity) {
        to->capacity = (to->length + length) * 2;
        to->data = realloc(to->data, to->capacity);
        if (!to->data)
            fail("out of memory");
    }
    memcpy(to->data + to->length, data, length);
    to->length += length;
}

static bool begins(const char *line, size_t length, const char *with)
{
    return length >= strlen(with) && !memcmp(line, with, strlen(with));
}

/* What follows `key` in a line; NULL where it is not there. */
static const char *after(const char *key, const char *line, size_t length)
{
    const char *found = memmem(line, length, key, strlen(key));
    return found ? found + strlen(key) : NULL;
}

/* ---- what we send ---- */

static void send_bytes(struct connection *who, const char *data, int length)
{
    if (send(who->fd, data, (size_t)length, MSG_NOSIGNAL) != length)
        fail("room %d: seat %d could not send: %s", who->room->number, who->seat, strerror(errno));
}

/* One line, or one message; the mask of a WebSocket's frame is 0, which leaves the words as they are. */
static void send_line(struct connection *who, const char *line, int length)
{
    char frame[LINE_BYTES + 8];
    if (who->door == WEBSOCKET) {
        int at = 0;
        frame[at++] = (char)0x81;
        if (length < 126) {
            frame[at++] = (char)(0x80 | length);
        } else {
            frame[at++] = (char)(0x80 | 126);
            frame[at++] = (char)(length >> 8);
            frame[at++] = (char)length;
        }
        memset(frame + at, 0, 4);
        memcpy(frame + at + 4, line, (size_t)length);
        send_bytes(who, frame, at + 4 + length);
    } else {
        memcpy(frame, line, (size_t)length);
        frame[length] = '\n';
        send_bytes(who, frame, length + 1);
    }
}

static void send_join(struct connection *who)
{
    char line[LINE_BYTES];
    int length, room = who->room->number;
    if (who->door == TEXT && who->seat < 0) /* a room is full that is watched: that is how a text guest chooses it */
        length = snprintf(line, sizeof line, "guest@r%05d\n/watch", room);
    else if (who->door == TEXT)
        length = snprintf(line, sizeof line, "m%d@r%05d", who->seat, room);
    else if (who->seat < 0)
        length = snprintf(line, sizeof line, "{\"do\":\"join\",\"room\":\"r%05d\",\"watch\":true}", room);
    else
        length = snprintf(line, sizeof line, "{\"do\":\"join\",\"room\":\"r%05d\",\"name\":\"m%d\"}", room, who->seat);
    send_line(who, line, length);
}

static void send_request(struct connection *who)
{
    static const char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    char request[LINE_BYTES];
    bool is_stream = who->door == EVENTS;
    int length = snprintf(request, sizeof request, "GET /api/rooms/r%05d%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
                          who->room->number, is_stream ? "/events" : "", is_stream ? "" : upgrade);
    send_bytes(who, request, length);
}

static void speak(struct connection *who)
{
    struct room *room = who->room;
    char line[LINE_BYTES];
    int length;
    unsigned long number = ++room->said;
    static const char words[] = "The wheels on the bus go round and round, all through";
    if (who->door == TEXT)
        length = snprintf(line, sizeof line, "%06lu %s", number, words);
    else
        length = snprintf(line, sizeof line, "{\"do\":\"say\",\"text\":\"%06lu %s\",\"cid\":\"c%lu\"}", number, words, number);
    room->said_at[number % REMEMBERED] = now();
    if (phase == MEASURING)
        utterances++;
    send_line(who, line, length);
}

/* ---- what we read ---- */

static void take_floor(struct connection *who)
{
    struct room *room = who->room;
    if (room->granted != room->said || who->seat != (int)(room->said % (uint64_t)settings.members))
        fail("room %d: seat %d was given the floor after utterance %lu", room->number, who->seat, room->said);
    room->granted++;
    if (phase == TALKING || phase == MEASURING)
        speak(who);
}

/* `who` reads the utterance `number`; `name` begins with that of whoever said it. */
static void hear(struct connection *who, const char *name, uint64_t number)
{
    struct room *room = who->room;
    if (number != who->heard + 1)
        fail("room %d: a reader at the %s door read utterance %lu after %lu", room->number, door_names[who->door], number,
             who->heard);
    if (atoi(name + 1) != (int)((number - 1) % (uint64_t)settings.members))
        fail("room %d: utterance %lu came from %.8s", room->number, number, name);
    who->heard = number;
    if (phase == MEASURING) {
        deliveries++;
        note_latency(now() - room->said_at[number % REMEMBERED]);
    }
}

static void open_next(struct connection *who);

static void note_in(struct connection *who)
{
    if (who->is_in)
        fail("room %d: somebody came in twice", who->room->number);
    who->is_in = true;
    open_next(who);
}

/* Events that end a turn, or a seat, without words: there may be none. */
static bool breaks_the_round(const char *line, size_t length)
{
    static const char *const signs[] = {
        "{\"reply\":\"refused\"",       "{\"event\":\"passed\"",       "{\"event\":\"time_called\"",
        "{\"event\":\"floor_revoked\"", "{\"event\":\"left\"",         "{\"event\":\"went_away\"",
        "{\"event\":\"removed\"",       "{\"event\":\"topic_closed\"", "{\"event\":\"sitting_closed\"",
        "{\"reply\":\"goodbye\"",       "{\"reply\":\"gap\"",
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (begins(line, length, signs[i]))
            return true;
    return false;
}

/* Names stand before the text, so that no text can be taken for them. */
static void take_object(struct connection *who, const char *line, size_t length)
{
    if (begins(line, length, "{\"event\":\"said\"")) {
        const char *name = after("\"name\":\"", line, length), *text = after("\"text\":\"", line, length);
        if (!name || !text)
            fail("words without a name, or a name without words: %.*s", (int)length, line);
        hear(who, name, strtoull(text, NULL, 10));
    } else if (begins(line, length, "{\"event\":\"floor_granted\"")) {
        const char *name = after("\"name\":\"", line, length);
        if (who->seat >= 0 && name && atoi(name + 1) == who->seat)
            take_floor(who);
    } else if (begins(line, length, "{\"reply\":\"joined\"")) {
        note_in(who);
    } else if (breaks_the_round(line, length)) {
        fail("room %d: %.*s", who->room->number, (int)length, line);
    }
}

static void take_text(struct connection *who, const char *line, size_t length)
{
    if (length > 4 && *line == 'm' && line[2] == ':')
        hear(who, line, strtoull(line + 4, NULL, 10));
    else if (begins(line, length, "* Said."))
        hear(who, (char[]){'m', (char)('0' + who->seat), 0}, who->heard + 1);
    else if (begins(line, length, "* Your turn"))
        take_floor(who);
    else if (begins(line, length, who->seat < 0 ? "* You watch" : "* You are"))
        note_in(who);
    else if (*line == '!' && (who->is_in || !begins(line, length, "! room_full")))
        fail("room %d: %.*s", who->room->number, (int)length, line);
    else if (begins(line, length, "* Goodbye") || begins(line, length, "* Time called"))
        fail("room %d: %.*s", who->room->number, (int)length, line);
}

/* These take what is whole of `data`, and return how many bytes that was. */

static size_t take_lines(struct connection *who, const char *data, size_t length)
{
    size_t taken = 0;
    for (const char *end; (end = memchr(data + taken, '\n', length - taken)); taken = (size_t)(end + 1 - data)) {
        const char *line = data + taken;
        size_t size = (size_t)(end - line);
        if (who->door == TEXT)
            take_text(who, line, size);
        else if (who->door == JSON)
            take_object(who, line, size);
        else if (begins(line, size, "data: "))
            take_object(who, line + 6, size - 6);
    }
    return taken;
}

static size_t take_messages(struct connection *who, const char *data, size_t length)
{
    size_t taken = 0;
    while (length - taken >= 2) {
        const unsigned char *frame = (const unsigned char *)data + taken;
        size_t size = frame[1], head = 2;
        if (frame[0] != 0x81 || size == 127 || (size & 0x80))
            fail("room %d: a frame that is no whole message of text: %02x %02x", who->room->number, frame[0], frame[1]);
        if (size == 126) {
            if (length - taken < 4)
                break;
            size = (size_t)frame[2] << 8 | frame[3];
            head = 4;
        }
        if (length - taken < head + size)
            break;
        take_object(who, data + taken + head, size);
        taken += head + size;
    }
    return taken;
}

static size_t take_chunks(struct connection *who, const char *data, size_t length)
{
    size_t taken = 0;
    for (const char *end; (end = memmem(data + taken, length - taken, "\r\n", 2));) {
        size_t size = strtoul(data + taken, NULL, 16), head = (size_t)(end + 2 - data) - taken;
        if (!size)
            fail("room %d: a stream ended", who->room->number);
        if (length - taken < head + size + 2)
            break;
        const char *words = data + taken + head;
        if (who->begun.length) {
            append(&who->begun, words, size);
            size_t used = take_lines(who, who->begun.data, who->begun.length);
            memmove(who->begun.data, who->begun.data + used, who->begun.length -= used);
        } else {
            size_t used = take_lines(who, words, size);
            append(&who->begun, words + used, size - used);
        }
        taken += head + size + 2;
    }
    return taken;
}

static size_t take_head(struct connection *who, const char *data, size_t length)
{
    const char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (!begins(data, length, who->door == EVENTS ? "HTTP/1.1 200 " : "HTTP/1.1 101 "))
        fail("room %d: %.*s", who->room->number, (int)(end - data), data);
    who->has_head = true;
    if (who->door == WEBSOCKET)
        send_join(who);
    return (size_t)(end + 4 - data);
}

static void read_from(struct connection *who)
{
    static char buffer[READ_BYTES];
    size_t length = who->rest.length, taken = 0;
    if (length)
        memcpy(buffer, who->rest.data, length);
    who->rest.length = 0;
    ssize_t got = recv(who->fd, buffer + length, sizeof buffer - length, 0);
    if (got <= 0)
        fail("room %d: the server closed the connection of a reader at the %s door", who->room->number,
             door_names[who->door]);
    length += (size_t)got;
    if (!who->has_head && who->door >= WEBSOCKET)
        taken = take_head(who, buffer, length);
    if (who->door < WEBSOCKET)
        taken = take_lines(who, buffer, length);
    else if (who->has_head)
        taken += (who->door == EVENTS ? take_chunks : take_messages)(who, buffer + taken, length - taken);
    if (taken < length)
        append(&who->rest, buffer + taken, length - taken);
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

static void read_until_quiet(void)
{
    while (read_some(QUIET_MS))
        ;
}

/* ---- coming in ---- */

static void open_connection(struct connection *who)
{
    struct sockaddr_in server = {
        .sin_family = AF_INET, .sin_port = htons(settings.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger no_time_wait = {.l_onoff = 1, .l_linger = 0};
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
    if (who->door < WEBSOCKET)
        send_join(who);
    else
        send_request(who);
}

/* The next seat of this room, else of the next room; or the next reader. */
static void open_next(struct connection *who)
{
    if (who->seat < 0) {
        readers_in++;
        if (readers_opened < settings.readers)
            open_connection(&readers[readers_opened++]);
        return;
    }
    seats_taken++;
    if (++who->room->joined < settings.members)
        open_connection(&who->room->members[who->room->joined]);
    else if (rooms_begun < settings.rooms)
        open_connection(rooms[rooms_begun++].members);
}

static void set_up(void)
{
    rooms = calloc((size_t)settings.rooms, sizeof *rooms);
    readers = calloc((size_t)settings.readers + 1, sizeof *readers);
    if (!rooms || !readers)
        fail("out of memory");
    for (int r = 0; r < settings.rooms; r++) {
        rooms[r].number = r;
        rooms[r].members = calloc((size_t)settings.members, sizeof *rooms[r].members);
        if (!rooms[r].members)
            fail("out of memory");
        for (int seat = 0; seat < settings.members; seat++)
            rooms[r].members[seat] = (struct connection){.door = settings.speak, .room = &rooms[r], .seat = seat};
    }
    for (int kind = 0, reader = 0; kind < settings.reader_kinds; kind++)
        for (int i = 0; i < settings.kinds[kind].count; i++)
            readers[reader++] =
                (struct connection){.door = settings.kinds[kind].door, .room = &rooms[i % settings.rooms], .seat = -1};
}

static void let_everybody_in(void)
{
    while (rooms_begun < settings.rooms && rooms_begun < COMING_IN)
        open_connection(rooms[rooms_begun++].members);
    while (seats_taken < settings.rooms * settings.members)
        if (!read_some(STALL_MS))
            fail("joining stalled at %d members", seats_taken);
    read_until_quiet();
}

static void let_readers_in(void)
{
    while (readers_opened < settings.readers && readers_opened < COMING_IN)
        open_connection(&readers[readers_opened++]);
    while (readers_in < settings.readers)
        if (!read_some(STALL_MS))
            fail("coming in stalled at %d readers", readers_in);
    read_until_quiet();
}

/* ---- a run ---- */

static void start_talking(void)
{
    phase = TALKING;
    for (int r = 0; r < settings.rooms; r++) {
        if (rooms[r].granted != 1)
            fail("room %d: nobody was given the first turn", r);
        speak(rooms[r].members);
    }
}

/* Returns when it stopped. */
static uint64_t talk_for(double seconds)
{
    uint64_t start = now(), time = start, length = (uint64_t)(seconds * NS_A_SECOND);
    while (time - start < length) {
        if (!read_some(STALL_MS))
            fail("everybody waits: room 0 stalled after utterance %lu", rooms[0].said);
        time = now();
    }
    return time;
}

static void check_heard_all(const struct connection *who)
{
    if (who->heard != who->room->said)
        fail("room %d: a reader at the %s door has read %lu of %lu utterances", who->room->number, door_names[who->door],
             who->heard, who->room->said);
}

static void check_nothing_is_missing(void)
{
    for (int r = 0; r < settings.rooms; r++)
        for (int seat = 0; seat < settings.members; seat++)
            check_heard_all(&rooms[r].members[seat]);
    for (int i = 0; i < settings.readers; i++)
        check_heard_all(&readers[i]);
}

static void measure(void)
{
    long rss_empty = rss_of(settings.pid);
    let_everybody_in();
    long rss_joined = rss_of(settings.pid);
    let_readers_in();
    long rss_read = rss_of(settings.pid);
    start_talking();
    talk_for(settings.warm_seconds);

    phase = MEASURING;
    uint64_t cpu_before = cpu_of(settings.pid), started = now(), own_before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t ended = talk_for(settings.seconds);
    double cpu_us = (double)(cpu_of(settings.pid) - cpu_before) / 1e3, own = (double)(read_clock(CLOCK_PROCESS_CPUTIME_ID) - own_before);
    phase = STOPPING;

    read_until_quiet();
    check_nothing_is_missing();
    if (!deliveries || !utterances)
        fail("nothing was said in the time measured");
    sort_latencies();
    double connections = settings.readers ? settings.readers : settings.rooms * settings.members;
    double bytes = (double)(settings.readers ? rss_read - rss_joined : rss_joined - rss_empty);
    printf("{\"deliveries\":%lu,\"utterances\":%lu,\"cpu_us_per_delivery\":%.4f,\"cpu_us_per_utterance\":%.3f,"
           "\"p50_us\":%.1f,\"p99_us\":%.1f,\"rss_bytes_per_connection\":%.1f,\"rss_bytes\":%ld,\"load_busy\":%.3f}\n",
           deliveries, utterances, cpu_us / (double)deliveries, cpu_us / (double)utterances, percentile(50),
           percentile(99), bytes / connections, rss_of(settings.pid), own / (double)(ended - started));
}

/* ---- the command line ---- */

static enum door door_of(const char *name)
{
    for (int door = 0; door < DOORS; door++)
        if (!strncmp(name, door_names[door], strlen(door_names[door])))
            return (enum door)door;
    fail("there is no door %s", name);
}

static void add_readers(const char *option)
{
    const char *count = strchr(option, '=');
    if (!count || settings.reader_kinds == MAX_READERS)
        fail("--readers DOOR=COUNT, at most %d times", MAX_READERS);
    settings.kinds[settings.reader_kinds].door = door_of(option);
    settings.readers += settings.kinds[settings.reader_kinds++].count = atoi(count + 1);
}

static void read_settings(int argument_count, char **arguments)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},    {"pid", required_argument, NULL, 'i'},
        {"speak", required_argument, NULL, 'k'},   {"readers", required_argument, NULL, 'R'},
        {"rooms", required_argument, NULL, 'r'},   {"members", required_argument, NULL, 'n'},
        {"warm", required_argument, NULL, 'w'},    {"seconds", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argument_count, arguments, "", options, NULL)) != -1;)
        switch (option) {
        case 'p': settings.port = (uint16_t)atoi(optarg); break;
        case 'i': settings.pid = atoi(optarg); break;
        case 'k': settings.speak = door_of(optarg); break;
        case 'R': add_readers(optarg); break;
        case 'r': settings.rooms = atoi(optarg); break;
        case 'n': settings.members = atoi(optarg); break;
        case 'w': settings.warm_seconds = atof(optarg); break;
        case 's': settings.seconds = atof(optarg); break;
        default: exit(2);
        }
    if (!settings.port || !settings.pid || settings.rooms < 1 || settings.members < 2 || settings.members > 10)
        fail("--port and --pid are needed, at least 1 room, and 2 to 10 members");
    if (settings.speak == EVENTS)
        fail("nobody speaks on a stream of events");
}

int main(int argument_count, char **arguments)
{
    read_settings(argument_count, arguments);
    epoll_fd = epoll_create1(0);
    set_up();
    measure();
    return 0;
}
