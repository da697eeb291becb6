package conversationtest

import (
	"context"

	"parley/conversation"
)

// MayPost implements conversation.PostChecker.
func (m *Messenger) MayPost(ctx context.Context, ref conversation.ThreadRef, userID string) (bool, error) {
	may, err := m.MayRead(ctx, ref, userID)
	m.mu.Lock()
	defer m.mu.Unlock()
	return may && !m.Quiet[ref.Channel], err
}
