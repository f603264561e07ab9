/* The reference: a relay that does nothing but copy lines.
 *
 * The first line that a connection sends names its room; it is answered "joined". Every later line goes to the room's
 * other members, unchanged. What a room heard in one turn of the epoll loop goes to each member as one write, as it
 * does in Moothall. There are no rules, no storage, no limits on line or queue: whatever a server does on top of this
 * is what its rules cost.
 *
 * Usage: relay [PORT]          0, the default, takes any free port; the first line out says which.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    EVENTS_A_TICK = 1024,
    READ_BYTES = 256 * 1024,
    ROOM_BUCKETS = 65536, /* more than any bench has rooms, so that a bucket holds one */
    BACKLOG = 4096,       /* the load generator connects in bursts */
    PIECES_A_WRITE = 64,  /* far below IOV_MAX */
};

struct bytes {
    char *data;
    size_t length, capacity;
};

struct span {
    size_t start, end;
};

struct connection {
    int fd;
    struct room *room;   /* NULL until the first line */
    struct bytes unread; /* the beginning of a line that has no end yet */
    struct bytes unsent; /* what the kernel had no room for */
    struct span *own;    /* this tick: which parts of its room's `heard` it said itself */
    size_t own_count, own_capacity;
};

struct room {
    char *name;
    size_t name_length;
    struct room *next_in_bucket;
    struct connection **members;
    size_t member_count, member_capacity;
    struct bytes heard; /* every line of this tick, in order */
    struct room *next_to_deliver;
};

static int epoll_fd;
static struct room *buckets[ROOM_BUCKETS];
static struct room *to_deliver; /* the rooms that heard something in this tick */

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Return `array` with room for `needed` elements of `size` bytes; doubles, so that growing stays cheap. */
static void *grown(void *array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return array;
    *capacity = needed * 2;
    array = realloc(array, *capacity * size);
    if (!array)
        fail("out of memory");
    return array;
}

static void append(struct bytes *to, const char *data, size_t length)
{
    to->data = grown(to->data, &to->capacity, to->length + length, 1);
    memcpy(to->data + to->length, data, length);
    to->length += length;
}

static void drop_front(struct bytes *from, size_t length)
{
    from->length -= length;
    memmove(from->data, from->data + length, from->length);
}

/* ---- rooms ---- */

static struct room *find_or_open_room(const char *name, size_t length)
{
    uint32_t hash = 5381;
    for (size_t i = 0; i < length; i++)
        hash = hash * 33 + (unsigned char)name[i];
    struct room **bucket = &buckets[hash % ROOM_BUCKETS];
    for (struct room *room = *bucket; room; room = room->next_in_bucket)
        if (room->name_length == length && !memcmp(room->name, name, length))
            return room;

    struct room *room = calloc(1, sizeof *room);
    if (!room || !(room->name = strndup(name, length)))
        fail("out of memory");
    room->name_length = length;
    room->next_in_bucket = *bucket;
    *bucket = room;
    return room;
}

static void enter(struct room *room, struct connection *who)
{
    room->members = grown(room->members, &room->member_capacity, room->member_count + 1, sizeof *room->members);
    room->members[room->member_count++] = who;
    who->room = room;
}

static void leave(struct connection *who)
{
    struct room *room = who->room;
    for (size_t i = 0; i < room->member_count; i++)
        if (room->members[i] == who) {
            room->members[i] = room->members[--room->member_count];
            return;
        }
}

/* ---- what was said in this tick ---- */

static void remember_as_own(struct connection *who, size_t start, size_t end)
{
    if (who->own_count && who->own[who->own_count - 1].end == start) {
        who->own[who->own_count - 1].end = end;
        return;
    }
    who->own = grown(who->own, &who->own_capacity, who->own_count + 1, sizeof *who->own);
    who->own[who->own_count++] = (struct span){start, end};
}

static void hear(struct room *room, struct connection *who, const char *line, size_t length)
{
    if (!room->heard.length) {
        room->next_to_deliver = to_deliver;
        to_deliver = room;
    }
    size_t start = room->heard.length;
    append(&room->heard, line, length);
    remember_as_own(who, start, room->heard.length);
}

/* ---- writing ---- */

static void watch(struct connection *who, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = who};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, who->fd, &event);
}

/* Write the pieces, and keep what the kernel does not take. An error shows again as an event, which ends `who`. */
static void send_pieces(struct connection *who, const struct iovec *pieces, int count)
{
    size_t sent = 0, total = 0;
    for (int i = 0; i < count; i++)
        total += pieces[i].iov_len;
    if (!who->unsent.length) {
        ssize_t written = count == 1 ? send(who->fd, pieces[0].iov_base, pieces[0].iov_len, 0)
                                     : writev(who->fd, pieces, count);
        sent = written < 0 ? 0 : (size_t)written;
        if (sent == total)
            return;
        watch(who, EPOLLIN | EPOLLOUT);
    }
    for (int i = 0; i < count; i++) {
        size_t done = sent < pieces[i].iov_len ? sent : pieces[i].iov_len;
        append(&who->unsent, (char *)pieces[i].iov_base + done, pieces[i].iov_len - done);
        sent -= done;
    }
}

static void send_unsent(struct connection *who)
{
    ssize_t written = send(who->fd, who->unsent.data, who->unsent.length, 0);
    if (written > 0)
        drop_front(&who->unsent, (size_t)written);
    if (!who->unsent.length)
        watch(who, EPOLLIN);
}

/* Send `who` all that its room heard in this tick, but for its own words: the gaps between its own spans. */
static void deliver_to(struct connection *who, const struct bytes *heard)
{
    struct iovec pieces[PIECES_A_WRITE];
    int count = 0;
    size_t position = 0;
    for (size_t i = 0; i <= who->own_count; i++) {
        struct span own = i < who->own_count ? who->own[i] : (struct span){heard->length, heard->length};
        if (own.start > position)
            pieces[count++] = (struct iovec){heard->data + position, own.start - position};
        if (count == PIECES_A_WRITE) {
            send_pieces(who, pieces, count);
            count = 0;
        }
        position = own.end;
    }
    who->own_count = 0;
    if (count)
        send_pieces(who, pieces, count);
}

static void deliver_tick(void)
{
    for (struct room *room = to_deliver; room; room = room->next_to_deliver) {
        for (size_t i = 0; i < room->member_count; i++)
            deliver_to(room->members[i], &room->heard);
        room->heard.length = 0;
    }
    to_deliver = NULL;
}

/* ---- reading ---- */

static void accept_all(int listener)
{
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *who = calloc(1, sizeof *who);
        if (!who)
            fail("out of memory");
        who->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void close_connection(struct connection *who)
{
    if (who->room)
        leave(who);
    close(who->fd);
    free(who->unread.data);
    free(who->unsent.data);
    free(who->own);
    free(who);
}

/* `length` counts the newline. */
static void take_line(struct connection *who, const char *line, size_t length)
{
    if (who->room) {
        hear(who->room, who, line, length);
        return;
    }
    enter(find_or_open_room(line, length - 1), who);
    send_pieces(who, &(struct iovec){"joined\n", 7}, 1);
}

/* Take every whole line; return how many bytes they were. */
static size_t take_lines(struct connection *who, const char *data, size_t length)
{
    size_t taken = 0;
    for (const char *end; (end = memchr(data + taken, '\n', length - taken)); taken = (size_t)(end + 1 - data))
        take_line(who, data + taken, (size_t)(end + 1 - data) - taken);
    return taken;
}

static void read_from(struct connection *who)
{
    static char buffer[READ_BYTES];
    ssize_t got = recv(who->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        close_connection(who);
        return;
    }
    if (who->unread.length) {
        append(&who->unread, buffer, (size_t)got);
        drop_front(&who->unread, take_lines(who, who->unread.data, who->unread.length));
        return;
    }
    size_t taken = take_lines(who, buffer, (size_t)got);
    if (taken < (size_t)got)
        append(&who->unread, buffer + taken, (size_t)got - taken);
}

/* ---- the loop ---- */

/* Listen on loopback; say on which port. */
static int listen_on(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, BACKLOG) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        fail("cannot listen");
    printf("Relaying on port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argument_count, char **arguments)
{
    signal(SIGPIPE, SIG_IGN);
    epoll_fd = epoll_create1(0);
    int listener = listen_on(argument_count > 1 ? (uint16_t)atoi(arguments[1]) : 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}; /* NULL stands for the listener */
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);

    for (;;) {
        static struct epoll_event events[EVENTS_A_TICK];
        int count = epoll_wait(epoll_fd, events, EVENTS_A_TICK, -1);
        for (int i = 0; i < count; i++) {
            struct connection *who = events[i].data.ptr;
            if (!who) {
                accept_all(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT)
                send_unsent(who);
            if (events[i].events & ~(uint32_t)EPOLLOUT)
                read_from(who); /* may end `who`, so it comes last */
        }
        deliver_tick();
    }
}
