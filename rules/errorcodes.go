package rules

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// invalidToken and rateLimitedCode match the shipped error codes with these signs.
var (
	invalidToken    = signed(errorcode.InvalidToken, nil)
	rateLimitedCode = signed(errorcode.RateLimited, nil)
)

// signed matches the error codes that carry a sign, and more of the rules file's.
func signed(s errorcode.Sign, more []string) expr.Matcher {
	return expr.Re(catalog.LabelErrorCode, errorcode.Regexp(slices.Concat(errorcode.Names(s), more)))
}

// addErrorCodes makes the group's rules count the error codes of the rules file as
// well.
func (f *filled) addErrorCodes(s *settings.Settings) {
	for _, sign := range []struct {
		errorcode.Sign
		shipped expr.Matcher
	}{{errorcode.InvalidToken, invalidToken}, {errorcode.RateLimited, rateLimitedCode}} {
		own := s.ErrorCodes[sign.String()]
		if len(own) == 0 {
			continue
		}
		all := signed(sign.Sign, own)
		f.records, f.alerts = slices.Clone(f.records), slices.Clone(f.alerts)
		for i := range f.records {
			f.records[i].Definition = f.records[i].Definition.Replace(sign.shipped, all)
		}
		for i := range f.alerts {
			f.alerts[i] = f.alerts[i].replace(sign.shipped, all)
		}
	}
}

// replace returns the alert with another matcher in its condition and value.
func (a Alert) replace(from, to expr.Matcher) Alert {
	if when := a.When; when != nil {
		a.When = func(limit float64) expr.Expr { return when(limit).Replace(from, to) }
		a.Value = a.Value.Replace(from, to)
	}
	a.Expr = a.Expr.Replace(from, to)
	return a
}
