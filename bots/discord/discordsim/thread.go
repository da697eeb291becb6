package discordsim

import "time"

// startThread makes a thread in a channel. From a message, the thread takes the message's id and
// begins with a system message that points to it; without one, the channel gets a system message
// that points to the thread (discord.com/developers/docs/topics/threads).
func (s *Server) startThread(parent *channel, owner *User, from *message, name string, kind Kind) *channel {
	c := Channel{GuildID: parent.GuildID, ParentID: parent.ID, Name: name, Kind: kind}
	if from != nil {
		c.ID = from.id
	}
	thread := s.world.addChannel(c, owner.ID, nil)
	s.announceChannel("THREAD_CREATE", thread, true)
	if from != nil {
		from.threadID = thread.ID
		from.flags |= FlagHasThread
		s.announce("MESSAGE_UPDATE", from)
		s.post(thread, draft{
			author: owner, typ: ThreadStarter,
			reference: &reference{messageID: from.id, channelID: parent.ID, guildID: parent.GuildID},
		})
	} else if kind != PrivateThread && parent.Kind != Forum {
		s.post(parent, draft{
			author: owner, typ: ThreadCreated, content: name,
			reference: &reference{channelID: thread.ID, guildID: parent.GuildID},
		})
	}
	s.touched(parent.ID)
	return thread
}

// startPost makes a forum post: a thread whose first message has the thread's id.
func (s *Server) startPost(forum *channel, name string, d draft) *channel {
	thread := s.startThread(forum, d.author, nil, name, PublicThread)
	d.id = thread.ID
	s.post(thread, d)
	return thread
}

// post stores a message and tells the sessions and the pages. A mention adds the bot to a private
// thread, which it then learns of first.
func (s *Server) post(c *channel, d draft) *message {
	seen := s.world.canView(s.world.bot.ID, c)
	if !c.archived.IsZero() {
		c.archived = time.Time{}
		s.announceChannel("THREAD_UPDATE", c, false)
	}
	m := s.world.add(c, d)
	if !seen && s.world.canView(s.world.bot.ID, c) {
		s.announceChannel("THREAD_CREATE", c, false)
	}
	s.announce("MESSAGE_CREATE", m)
	s.touched(c.ID)
	return m
}

// threadKind is the kind of a public thread in a channel.
func threadKind(parent *channel) Kind {
	if parent.Kind == Announcement {
		return AnnouncementThread
	}
	return PublicThread
}
