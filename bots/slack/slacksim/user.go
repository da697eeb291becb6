package slacksim

import (
	"cmp"
	"fmt"
	"slices"
)

// User is a person in the workspace, or the app's bot user.
type User struct {
	ID       string // U…
	Name     string // the handle, what others type after @
	RealName string
	// DisplayName is what people see instead of the real name, where the person has chosen one.
	DisplayName string
	TimeZone    string // IANA name
	Locale      string // such as en-US
	Bot         bool
	Guest       bool // a multi-channel guest: is_restricted
	OneChannel  bool // a single-channel guest: is_ultra_restricted
	Stranger    bool // of another company, by a shared channel: is_stranger
	Deleted     bool
}

// Shown is what people see of a user: the display name, else the real name, else the handle.
func (u User) Shown() string { return cmp.Or(u.DisplayName, u.RealName, u.Name) }

// AddUser adds a person whose real name is name, and who has chosen no display name, as most have
// not. The handle is derived from the name and made unique.
func (w *Workspace) AddUser(name string) User {
	w.mu.Lock()
	defer w.mu.Unlock()
	user := &User{ID: w.ids.id("U"), Name: w.freeName(slug(name)), RealName: name, TimeZone: "Europe/Berlin", Locale: "en-US"}
	w.users[user.ID] = user
	w.publish(Change{Kind: UserChanged, User: user.ID})
	return *user
}

// UpdateUser replaces a person's record, found by its ID.
func (w *Workspace) UpdateUser(user User) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.users[user.ID] == nil {
		return fmt.Errorf("update user %s: %w", user.ID, ErrNoSuchUser)
	}
	w.users[user.ID] = &user
	w.publish(Change{Kind: UserChanged, User: user.ID})
	return nil
}

// User returns the user with this id.
func (w *Workspace) User(id string) (User, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if user := w.users[id]; user != nil {
		return *user, true
	}
	return User{}, false
}

// Users returns everyone, the bot included, ordered by id.
func (w *Workspace) Users() []User {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sortedUsers()
}

func (w *Workspace) sortedUsers() []User {
	all := make([]User, 0, len(w.users))
	for _, user := range w.users {
		all = append(all, *user)
	}
	slices.SortFunc(all, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (w *Workspace) userNamed(name string) *User {
	for _, user := range w.users {
		if user.Name == name {
			return user
		}
	}
	return nil
}

func (w *Workspace) freeName(base string) string {
	name := base
	for n := 2; w.userNamed(name) != nil; n++ {
		name = fmt.Sprintf("%s%d", base, n)
	}
	return name
}
