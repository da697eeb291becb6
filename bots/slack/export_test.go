package slack

import "time"

// Hurry shortens the waits between the checks of a running adapter. Call it before Run.
func (a *Adapter) Hurry(heartbeat, catchUpGap time.Duration) {
	a.heartbeat, a.catchUpGap = heartbeat, catchUpGap
}
