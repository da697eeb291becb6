package discordsim

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// epoch is the first millisecond of 2015, from which Discord counts
// (discord.com/developers/docs/reference#snowflakes).
const epoch = 1420070400000

// snowflakes hands out ids that grow with time. The bits below the time begin at random for each server, so that two
// servers with the same clock hardly ever give the same ids.
type snowflakes struct {
	start uint64
	last  uint64
}

func newSnowflakes() snowflakes {
	return snowflakes{start: rand.Uint64N(1<<22 - 1<<12)}
}

// next returns an id that is larger than every id before it, also when the clock stands still or
// goes back.
func (s *snowflakes) next(now time.Time) string {
	id := uint64(max(now.UnixMilli()-epoch, 0))<<22 | s.start
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
