/*
 * What starts takes its memory within some seconds, and is measured later: so
 * it is reckoned with like the session that asks.
 */

#include "session/memory_room.h"


uint64_t
memory_room_expected(const struct memory_room *room)
{
    uint64_t  average;

    average = room->measured != 0 ? room->used / room->measured : 0;

    return average > MEMORY_ROOM_SESSION ? average : MEMORY_ROOM_SESSION;
}


bool
memory_room_fits(const struct memory_room *room)
{
    uint64_t  needed;

    if (room->max == 0) {
        return true;
    }

    needed = memory_room_expected(room) * (room->unmeasured + 1);

    return room->used + needed <= room->max && needed <= room->available;
}
