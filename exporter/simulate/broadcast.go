package simulate

import "slices"

const (
	// maxRecipients limits how many recipients share the id of a notification.
	maxRecipients = 5
	// openBroadcasts limits how many campaigns are sent at the same time.
	openBroadcasts = 8
)

// broadcast holds the id that mails of a campaign share, as those of one request to
// a provider do, and who has got one.
type broadcast struct {
	id, campaign string
	template     *template
	users        []int
}

// name gives a notification its id. Mails of a campaign with the same content share
// it, each to another user.
func (s *Simulator) name(l *lifecycle) {
	l.notificationID = string(appendPrefixed(s.scratch[:0], "ntf_", l.key))
	if l.campaign == "" || l.channel.name != "email" {
		return
	}
	at := slices.IndexFunc(s.broadcasts, func(b broadcast) bool {
		return b.campaign == l.campaign && b.template == l.template
	})
	if at < 0 && len(s.broadcasts) == openBroadcasts {
		s.broadcasts = slices.Delete(s.broadcasts, 0, 1) // the oldest
	}
	if at < 0 {
		at = len(s.broadcasts)
		s.broadcasts = append(s.broadcasts, broadcast{campaign: l.campaign, template: l.template})
	}
	b := &s.broadcasts[at]
	if len(b.users) == 0 || len(b.users) == maxRecipients || slices.Contains(b.users, l.user) {
		b.id, b.users = l.notificationID, b.users[:0]
	}
	b.users = append(b.users, l.user)
	l.notificationID = b.id
}
