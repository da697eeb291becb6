package demo

// The page's picture of a workspace, as JSON. Keys are "platform/noun/id…"; assets/store.js reads them.

type meta struct {
	Model       string                  `json:"model"`
	People      []person                `json:"people"`
	Suggestions map[string][]suggestion `json:"suggestions"`
}

// person is somebody to act as: the same name on both platforms.
type person struct {
	Key  string            `json:"key"`
	Name string            `json:"name"`
	IDs  map[string]string `json:"ids"`
}

// suggestion is something to try: where to write, and what. An empty channel is the direct message with the bot.
type suggestion struct {
	Label   string `json:"label"`
	Channel string `json:"channel,omitempty"`
	Thread  string `json:"thread,omitempty"`
	Text    string `json:"text"`
}

type infoView struct {
	Name     string        `json:"name"`
	Commands []commandView `json:"commands"` // what one can type
	Menu     []menuView    `json:"menu"`     // what stands in a message's menu
}

// commandView is a slash command, such as /parley.
type commandView struct {
	Name        string `json:"name"`
	Hint        string `json:"hint,omitempty"`
	Description string `json:"description"`
}

type menuView struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type userView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Bot  bool   `json:"bot"`
	Self bool   `json:"self"`
}

type channelView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"` // channel, private, group, dm, thread
	Topic   string   `json:"topic,omitempty"`
	Parent  string   `json:"parent,omitempty"`
	Members []string `json:"members"` // empty: everybody may see it
	Order   int      `json:"order"`
}

type messageView struct {
	ID            string     `json:"id"`
	Channel       string     `json:"channel"`
	Thread        string     `json:"thread,omitempty"`
	ThreadChannel string     `json:"threadChannel,omitempty"`
	Author        string     `json:"author"`
	Text          string     `json:"text"`
	Format        string     `json:"format"` // mrkdwn, markdown or discord
	At            int64      `json:"at"`     // milliseconds
	Edited        bool       `json:"edited,omitempty"`
	System        bool       `json:"system,omitempty"`
	Gone          bool       `json:"gone,omitempty"`
	ReplyTo       string     `json:"replyTo,omitempty"`
	Files         []fileView `json:"files,omitempty"`
	// Only is the one person who sees it.
	Only string `json:"only,omitempty"`
	// Loading says that the app has yet to write it.
	Loading bool         `json:"loading,omitempty"`
	Buttons []buttonView `json:"buttons,omitempty"`
}

type buttonView struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type fileView struct {
	id   string
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	URL  string `json:"url"`
	// Verdict and Description are what Parley has made of it; empty while nobody has asked.
	Verdict     string `json:"verdict,omitempty"`
	Description string `json:"description,omitempty"`
}

type statusView struct {
	Channel string `json:"channel"`
	Thread  string `json:"thread"`
	Text    string `json:"text"`
	// Stop says that the platform shows a stop button of its own.
	Stop bool `json:"stop,omitempty"`
}
