package discord

import (
	"context"

	"parley/conversation"
)

// Permission bits (discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags).
const (
	permissionSend          = 1 << 11
	permissionSendInThreads = 1 << 38
)

// MayPost implements conversation.PostChecker. It asks Discord anew every time. In a thread another permission counts than
// in a channel, in a locked one only those who manage threads write
// (discord.com/developers/docs/topics/threads#permissions), and who has not passed the rules screening, or is timed out, does
// nowhere. What a guild asks of accounts beyond that, such as an age, Discord does not tell.
func (a *Adapter) MayPost(ctx context.Context, ref conversation.ThreadRef, userID string) (bool, error) {
	c, ok, err := a.readable(ctx, ref)
	if err != nil || !ok || !isSnowflake(userID) {
		return false, failure(err, conversation.CodePlatformDown)
	}
	if c.Type == channelDM {
		return c.recipient() == userID, nil
	}
	ok, err = a.mayPost(ctx, c, userID)
	return ok && err == nil, failure(err, conversation.CodePlatformDown)
}

func (a *Adapter) mayPost(ctx context.Context, c payloadChannel, userID string) (bool, error) {
	g, holder, err := a.rules(ctx, c)
	if err != nil {
		return gone(err)
	}
	person, err := a.accessOf(ctx, g, userID)
	if err != nil {
		return gone(err)
	}
	if reads, err := a.reads(ctx, person, c, holder); err != nil || !reads {
		return false, err
	}
	may := person.in(holder)
	switch {
	case person.member.Pending:
		return false, nil
	case !c.isThread():
		return may&permissionSend != 0, nil
	case c.Thread == nil || c.Thread.Locked:
		return may&permissionManageThreads != 0, nil
	}
	return may&permissionSendInThreads != 0, nil
}
