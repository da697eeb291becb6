package discordsim

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// epoch is the first millisecond of 2015, from which Discord counts
// (discord.com/developers/docs/reference#snowflakes).
const epoch = 1420070400000

// snowflakes hands out ids that grow with time. The worker bits are random for each server, so
// that two servers with the same clock do not give the same ids.
type snowflakes struct {
	worker uint64
	last   uint64
}

func newSnowflakes() snowflakes {
	return snowflakes{worker: rand.Uint64N(1 << 10)}
}

// next returns an id that is larger than every id before it, also when the clock stands still or
// goes back.
func (s *snowflakes) next(now time.Time) string {
	id := uint64(max(now.UnixMilli()-epoch, 0))<<22 | s.worker<<12
	s.last = max(id, s.last+1)
	return strconv.FormatUint(s.last, 10)
}

// before tells whether snowflake a is older than b; text that is no number counts as zero.
func before(a, b string) bool { return snowflake(a) < snowflake(b) }

func snowflake(id string) uint64 {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
