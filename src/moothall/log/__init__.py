"""The append-only log of every room: `room_log` says what a log does, `memory` and `sqlite` keep one."""
