package panel

import (
	"fmt"
	"strings"

	"belfry/exporter/catalog"
)

// Grafana has no palette of one's own: it colors series by its own palette, in which some
// colors are near-white and others near-black, in their order or by a hash of their
// name. An override with a regular expression can do what is missing: the expressions
// of this file divide all names into as many classes as the palette has colors, by
// their first and last characters, so a name has one color on all dashboards.
//
// What cannot be had is that the names of one panel never share a color. Names that
// count, such as the nodes or partitions 0 to 9, have ten colors.

// hashed returns expressions that match the names of each color of the palette, within
// a legend in which before and after surround the name. A port does not count: it is the
// same for all instances.
func hashed(before, after string) [len(Palette)]string {
	const colors = len(Palette)
	inside := "[^:]*"
	if before != "^" || after != "$" {
		inside = "[^ :]*" // not into the names beside it
	}
	var all [colors]string
	for color := range colors {
		options := []string{class(color)} // names of one character
		for last := range colors {
			first := (color - last + colors) * 7 % colors // 3 × first + last is the color
			options = append(options, class(first)+inside+class(last))
		}
		all[color] = fmt.Sprintf("/%s(?:%s)(?::\\d+)?%s/i", before, strings.Join(options, "|"), after)
	}
	return all
}

// class matches a digit and the letters with the same rest by ten. The last class also
// has all other characters.
func class(rest int) string {
	if rest == len(Palette)-1 {
		var others strings.Builder
		for i := range rest {
			others.WriteString(members(i))
		}
		return "[^ :" + others.String() + "]"
	}
	return "[" + members(rest) + "]"
}

// members returns the characters of a class. Letters are shifted, so that names
// of digits alone and of letters alone do not share their colors in pairs.
func members(rest int) string {
	list := fmt.Sprint(rest)
	for letter := range 'z' - 'a' + 1 {
		if (int(letter)+3)%len(Palette) == rest {
			list += string('a' + letter)
		}
	}
	return list
}

// wellKnown lists providers that many send through, by their color. Those that a channel has
// beside each other differ, and so do the commonest of all channels.
var wellKnown = [len(Palette)][]string{
	{"ses", "huawei"}, {"sendgrid", "expo"}, {"mailgun", "onesignal"}, {"fcm", "postmark", "whatsapp"},
	{"apns", "sparkpost", "telegram"}, {"webpush", "smtp"}, {"twilio", "brevo"}, {"vonage", "mailjet"},
	{"sinch", "teams"}, {"slack", "sns"},
}

// commonCategories lists categories that many platforms have, by their color.
var commonCategories = [len(Palette)][]string{
	{"transactional", "promotional"}, {"marketing"}, {"product", "onboarding"}, {"social"}, {"security", "alert"},
	{"billing", "payment"}, {"reminder"}, {"account"}, {"newsletter", "digest"}, {"system", "survey"},
}

// channelNames lists the channels by their color.
func channelNames() (names [len(Palette)][]string) {
	for i, name := range catalog.Channels {
		names[i] = append(names[i], name)
	}
	return names
}

// anyOf returns expressions that match the names of each color.
func anyOf(names [len(Palette)][]string, before, after string) [len(Palette)]string {
	var all [len(Palette)]string
	for i, of := range names {
		if len(of) > 0 {
			all[i] = fmt.Sprintf("/%s(?:%s)%s/i", before, strings.Join(of, "|"), after)
		}
	}
	return all
}
