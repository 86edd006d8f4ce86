package event_test

import (
	"testing"

	"belfry/exporter/event"
)

// A country is read from whatever producers send, and nothing finer. None of it makes
// an event invalid or a repair, in whichever order it comes.
func TestCountryOfALocation(t *testing.T) {
	schema, d := compileSchema(t), event.NewDecoder(nil)
	for location, want := range map[string]string{
		`"DE"`: "DE", `"de"`: "DE", `" Us "`: "US", `"UK"`: "GB", `"XK"`: "XK", `"ZW"`: "ZW", `"AD"`: "AD",
		`{"country":"DE","city":"Berlin","postalCode":"10115","lat":52.5,"lng":13.4}`: "DE",
		`{"countryCode":"fr"}`: "FR", `{"country_code":"FR"}`: "FR",
		`{"country":"Germany","countryCode":"DE"}`:             "DE",
		`{"countryCode":"DE","country":"US"}`:                  "DE",
		`{"country":"US","countryCode":"DE"}`:                  "DE",
		`{"country":{"iso_code":"JP","names":{"en":"Japan"}}}`: "JP",
		`{"country":{"code":"JP"}}`:                            "JP", `{"country":{"isoCode":"JP"}}`: "JP",
		`{"countryCode":null,"country":"IT"}`: "IT", `{"countryCode":"","country":"IT"}`: "IT",
		`{"countryCode":"DE","country_code":"FR"}`: "", `{"country_code":"DE","countryCode":"DE"}`: "DE",
		`"ZZ"`: "", `"EU"`: "", `"D"`: "", `"DEU"`: "", `"Germany"`: "", `"US-CA"`: "", `"en-US"`: "", `""`: "",
		`"1A"`: "", `"[["`: "", `"d\u0065"`: "", `"ÄÖ"`: "", `49`: "", `true`: "", `["DE"]`: "", `{}`: "", `[]`: "",
		`null`: "", `{"city":"DE"}`: "", `{"code":"DE"}`: "", `{"country":["DE"]}`: "", `{"country":{"name":"DE"}}`: "",
		`{"country":{"country":{"code":"DE"}}}`: "", `{"region":{"country":"DE"}}`: "",
	} {
		msg := []byte(notification("sent", `"channel":"email","category":"c","priority":"low","templateId":"t",`+
			`"context":{"platform":"ios","userLocation":`+location+`,"deviceType":"mobile"}`))
		var e event.Event
		if r := d.Decode(msg, &e); r != nil {
			t.Errorf("%s: %v", location, r)
		}
		if e.Country != want || e.Platform != "ios" || e.DeviceType != "mobile" {
			t.Errorf("%s: country %q, want %q; platform %q, device %q",
				location, e.Country, want, e.Platform, e.DeviceType)
		}
		if len(d.Repairs())+len(d.UnknownFields()) > 0 {
			t.Errorf("%s: repairs %q, unknown fields %q", location, d.Repairs(), d.UnknownFields())
		}
		if err := validate(schema, msg); err != nil {
			t.Errorf("%s: %v", location, err)
		}
	}
}

// Two locations of which neither is better than the other are none.
func TestCountryGivenTwice(t *testing.T) {
	for locations, want := range map[string]string{
		`"userLocation":"DE","userLocation":"DE"`:             "DE",
		`"userLocation":"DE","userLocation":"FR"`:             "",
		`"userLocation":"DE","userLocation":{"country":"FR"}`: "DE",
		`"userLocation":{"country":"FR"},"userLocation":"DE"`: "DE",
	} {
		if e := decode(t, notification("opened", `"context":{`+locations+`}`)); e.Country != want {
			t.Errorf("%s: country %q, want %q", locations, e.Country, want)
		}
	}
}

// A version is shown only if it looks like one: it could be anything else.
func TestAppVersions(t *testing.T) {
	schema, d := compileSchema(t), event.NewDecoder(nil)
	for version, want := range map[string]string{
		`"5.2.1"`: "5.2.1", `"v5.2"`: "5.2", `" 5.2 "`: "5.2", `5.2`: "5.2", `42`: "42",
		`"4.12.0-beta.2+build.77"`: "4.12.0-beta.2+build.77", `"2026.11 (4471)"`: "2026.11 (4471)",
		`""`: "", `"unknown"`: "", `null`: "", `true`: "", `{"major":5}`: "", `[]`: "", `"  "`: "",
		`"debug"`: "other", `"usr_123"`: "other", `"1@example.com"`: "other", `"1/2"`: "other", `"v"`: "other",
		`"5.2\u0000"`: "", `-1`: "other", `"3f2a61d0-9c1e-4c4e-8a60-0a1b2c3d4e5f"`: "other", `"5.2ü"`: "other",
	} {
		msg := []byte(notification("opened", `"context":{"appVersion":`+version+`,"platform":"web"}`))
		var e event.Event
		if r := d.Decode(msg, &e); r != nil {
			t.Errorf("%s: %v", version, r)
		}
		if e.AppVersion != want || e.Platform != "web" {
			t.Errorf("%s: version %q, want %q; platform %q", version, e.AppVersion, want, e.Platform)
		}
		if err := validate(schema, msg); err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}
