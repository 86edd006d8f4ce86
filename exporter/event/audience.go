package event

import (
	"strings"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// Country and app version are read from what producers happen to send: whatever else
// stands there makes no event invalid. Of a place no more than its country is read.

// Two values for a country, or for a version, are none if they differ. In an object with
// several, that of countryCode comes before that of country, which may be a name.
const (
	weightCountry weight = 1
	weightCode    weight = 3
	inConflict    weight = 1 // added to the weight of the values that differ
)

// location reads the country of userLocation: its code, or an object that holds it.
func (d *Decoder) location() error {
	switch d.kind {
	case jx.String:
		return d.country(weightCode)
	case jx.Object:
		return d.inside(d.locationMember)
	default:
		return skip(&d.js, 0)
	}
}

// inside reads the object at hand and leaves the key as it is.
func (d *Decoder) inside(member func(key string) error) error {
	key := d.key
	err := d.members(member)
	d.key = key
	return err
}

func (d *Decoder) locationMember(key string) error {
	switch {
	case key == "country" && d.kind == jx.Object:
		return d.inside(d.countryMember)
	case key == "country":
		return d.country(weightCountry)
	case key == "countryCode" || key == "country_code":
		return d.country(weightCode)
	default:
		return skip(&d.js, 1)
	}
}

func (d *Decoder) countryMember(key string) error {
	if key == "code" || key == "isoCode" || key == "iso_code" {
		return d.country(weightCountry)
	}
	return skip(&d.js, 2)
}

// country reads the code at hand. Whatever else it may be says nothing.
func (d *Decoder) country(w weight) error {
	if d.kind != jx.String {
		return skip(&d.js, 1)
	}
	text, err := d.plain()
	d.agree(fieldUserLocation, w, countryOf(text), &d.e.Country)
	return err
}

// agree takes the value of field f unless a heavier one is known, and none of two that
// weigh the same and differ.
func (d *Decoder) agree(f field, w weight, value string, dst *string) {
	switch {
	case value == "":
	case w > d.held[f]:
		d.held[f], *dst = w, value
	case w == d.held[f] && value != *dst:
		d.held[f], *dst = w+inConflict, ""
	}
}

// plain reads the string at hand as it is written. One with escapes is empty.
func (d *Decoder) plain() (string, error) {
	raw, err := d.js.Raw()
	if err != nil {
		return "", err
	}
	text := strings.Trim(alias(raw), `"`)
	if strings.Contains(text, `\`) {
		return "", nil
	}
	return text, nil
}

// countryCodes lists the ISO 3166-1 alpha-2 codes, and XK, by which Kosovo goes.
const countryCodes = "" +
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ " +
	"BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM " +
	"DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS " +
	"GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN " +
	"KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ " +
	"MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM " +
	"PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV " +
	"SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI " +
	"VN VU WF WS XK YE YT ZA ZM ZW "

// countryAt holds, by the two letters of a code, where it stands in countryCodes, plus 1.
var countryAt = func() (at [26 * 26]uint16) {
	for i := 0; i < len(countryCodes); i += 3 {
		at[int(countryCodes[i]-'A')*26+int(countryCodes[i+1]-'A')] = uint16(i + 1)
	}
	uk, gb := 'U'-'A', 'G'-'A'
	at[uk*26+'K'-'A'] = at[gb*26+'B'-'A'] // reserved for it
	return at
}()

// countryOf returns the code that a text is, in upper case, or the empty string.
func countryOf(text string) string {
	text = strings.TrimSpace(text)
	if len(text) != 2 {
		return ""
	}
	first, second := text[0]&^0x20-'A', text[1]&^0x20-'A'
	if first >= 26 || second >= 26 {
		return ""
	}
	at := countryAt[int(first)*26+int(second)]
	if at == 0 {
		return ""
	}
	return countryCodes[at-1 : at+1]
}

// appVersion reads the version of the user's app, as text or number.
func (d *Decoder) appVersion() error {
	if d.kind != jx.String && d.kind != jx.Number {
		return skip(&d.js, 0)
	}
	text, err := d.plain()
	d.agree(fieldAppVersion, weightCode, versionOf(text), &d.e.AppVersion)
	return err
}

// maxVersion limits the length of a version in bytes.
const maxVersion = 32

// versionOf returns a version without a v before it. A text that does not look like a
// version may be anything, such as an id of the device, and becomes catalog.Other.
func versionOf(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || text == catalog.Unknown {
		return ""
	}
	if len(text) > 1 && (text[0] == 'v' || text[0] == 'V') {
		text = text[1:]
	}
	if len(text) > maxVersion || text[0] < '0' || text[0] > '9' {
		return catalog.Other
	}
	for i := range len(text) {
		if c := text[i]; !isAlphanumeric(c) && !strings.ContainsRune(".-+_~ ()", rune(c)) {
			return catalog.Other
		}
	}
	return text
}

func isAlphanumeric(c byte) bool { return c-'0' < 10 || c&^0x20-'A' < 26 }
