package slack

import "encoding/json"

// RoomTakes reports whether a conversation, as Slack tells it, takes what a member writes.
func RoomTakes(room, user string, thread bool) (bool, error) {
	var w wireRoom
	var u wireUser
	if err := json.Unmarshal([]byte(room), &w); err != nil {
		return false, err
	}
	err := json.Unmarshal([]byte(user), &u)
	return w.takes(u, thread), err
}
