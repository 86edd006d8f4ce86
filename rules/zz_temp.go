package rules

func DefaultSettings() *Settings {
	return &Settings{Site: Site{Runbooks: "http://localhost:9464/runbooks"}}
}
