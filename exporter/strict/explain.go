package strict

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	// notAValue matches a value that begins with a character that YAML reserves.
	notAValue = regexp.MustCompile("(?:^\\s*|[:\\-] +|[\\[,{] *)([@`%])")
	// afterQuote matches text behind a closing quote.
	afterQuote = regexp.MustCompile(`(?:: |- |[\[{,]\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*[^\s,:#\]}"']`)
	colon      = regexp.MustCompile(`:(\s|$)`) // behind a key
	// bare matches a line that is a key and its value, without the colon.
	bare       = regexp.MustCompile(`^\s*(?:- )?\w+ [^:]*$`)
	parserLine = regexp.MustCompile(`^yaml: (line \d+: )?`)
)

// explain translates the parser's message.
func (s syntaxError) explain(here place) mistake {
	line, said := s.lines[s.at-1], s.cause.Error()
	says := func(part string) bool { return strings.Contains(said, part) }
	switch anchor := unknownAnchor.FindStringSubmatch(said); {
	case anchor != nil:
		here.column = max(strings.Index(line, "*"+anchor[1]), 0) + 1
		return mistake{here, "", fmt.Sprintf("unknown anchor %q: define it above with &%s", anchor[1], anchor[1])}
	case says("cannot start any token") && notAValue.MatchString(line):
		i := notAValue.FindStringSubmatchIndex(line)[2]
		return mistake{place{s.at, i + 1}, "", fmt.Sprintf("a value cannot begin with %q: put it in quotes", line[i])}
	case says("unknown escape character"):
		return mistake{here, "", `unknown escape in double quotes: use single quotes, or \\ for a backslash`}
	case afterQuote.MatchString(line):
		here.column = afterQuote.FindStringIndex(line)[1]
		return mistake{here, "", "text after a closing quote: put all of the value into the quotes"}
	case says("could not find expected ':'"):
		return mistake{here, "", "key without a value: write key: value"}
	case says("did not find expected ',' or"):
		return s.comma(here)
	case says("mapping values are not allowed"):
		return s.secondColon(here)
	case says("expected key") || says("expected '-' indicator") || says("block sequence entries") ||
		says("block collection") || says("<document start>"):
		return s.indentation(here)
	}
	return mistake{here, "", "invalid YAML: " + parserLine.ReplaceAllString(said, "")}
}

// before returns the number of the last line with content above the bad one, or 0.
func (s syntaxError) before() int {
	for i := s.at - 1; i > 0; i-- {
		if text := strings.TrimSpace(s.lines[i-1]); text != "" && text[0] != '#' {
			return i
		}
	}
	return 0
}

// secondColon explains a colon where a value, or the rest of one, must stand.
func (s syntaxError) secondColon(here place) mistake {
	if n := s.before(); n > 0 {
		above, line := s.lines[n-1], s.lines[s.at-1]
		switch {
		case !colon.MatchString(above) && indentOf(line) > indentOf(above):
			return mistake{place{n, indentOf(above) + 1}, "", "key without a colon: write key: value"}
		case strings.Count(line, ": ") < 2 && indentOf(line) > indentOf(above):
			if m := s.realigned(); m != nil {
				return *m
			}
			return mistake{here, "", fmt.Sprintf("indented further than line %d, which has a value already", n)}
		}
	}
	if n := s.beside(); n > 0 && !colon.MatchString(s.lines[n-1]) {
		return mistake{place{n, indentOf(s.lines[n-1]) + 1}, "", "key without a colon: write key: value"}
	}
	return mistake{here, "", `": " within a value: put the value in quotes`}
}

// beside returns the number of the line above the bad one that has its indentation,
// with nothing but a list between them, or 0.
func (s syntaxError) beside() int {
	own := indentOf(s.lines[s.at-1])
	for i := s.before(); i > 0; i-- {
		text, indent := strings.TrimSpace(s.lines[i-1]), indentOf(s.lines[i-1])
		switch {
		case text == "" || text[0] == '#' || indent > own && strings.HasPrefix(text, "- "):
		case indent == own:
			return i
		default:
			return 0
		}
	}
	return 0
}

// comma explains what does not continue a list or mapping in brackets: what the line
// above lacks at its end, if it does.
func (s syntaxError) comma(here place) mistake {
	const text = "a comma or a closing bracket is missing here"
	b := newBrackets()
	for _, line := range s.lines[:s.at-1] {
		b.follow(line)
	}
	if n := s.before(); len(b.open) > 0 && n > 0 {
		above := strings.TrimRight(s.lines[n-1], " ")
		if !strings.ContainsAny(above[len(above)-1:], ",[{:") {
			return mistake{place{n, len(above) + 1}, "", text}
		}
	}
	return mistake{here, "", text}
}

// indentation explains a line that does not fit those above it.
func (s syntaxError) indentation(here place) mistake {
	if n := s.before(); n > 0 && bare.MatchString(s.lines[n-1]) {
		return mistake{place{n, indentOf(s.lines[n-1]) + 1}, "", "key without a colon: write key: value"}
	}
	if m := s.realigned(); m != nil {
		return *m
	}
	own := indentOf(s.lines[s.at-1])
	isItem := strings.HasPrefix(strings.TrimSpace(s.lines[s.at-1]), "- ")
	keys, items := s.above()
	fits := keys
	if isItem && len(items) > 0 {
		fits = items
	}
	switch {
	case !slices.Contains(keys, own) && !slices.Contains(items, own):
		text := fmt.Sprintf("an indentation of %d fits no line above: use %s", own, alternatives(fits))
		return mistake{here, "", text}
	case isItem && !slices.Contains(items, own):
		return mistake{here, "", "a list item among keys: check the indentation"}
	case !isItem && slices.Contains(items, own):
		return mistake{here, "", "a key among list items: check the indentation, or begin it with \"- \""}
	}
	return mistake{here, "", "does not continue the lines above: check the indentation and the quotes"}
}
