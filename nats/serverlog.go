package nats

import (
	"context"
	"fmt"
	"log/slog"
)

// serverLog writes the embedded server's log to slog and keeps the first fatal line. nats-server reports a failed start
// that way and expects the logger to end the process; StartServer returns it as an error instead.
type serverLog struct {
	logger *slog.Logger
	fatal  chan string
}

func newServerLog(logger *slog.Logger) *serverLog {
	return &serverLog{logger: orDiscard(logger), fatal: make(chan string, 1)}
}

func (l *serverLog) Noticef(format string, args ...any) { l.log(slog.LevelDebug, format, args) }
func (l *serverLog) Warnf(format string, args ...any)   { l.log(slog.LevelWarn, format, args) }
func (l *serverLog) Errorf(format string, args ...any)  { l.log(slog.LevelError, format, args) }
func (l *serverLog) Debugf(format string, args ...any)  { l.log(slog.LevelDebug, format, args) }
func (l *serverLog) Tracef(format string, args ...any)  { l.log(slog.LevelDebug, format, args) }

func (l *serverLog) log(level slog.Level, format string, args []any) {
	l.logger.Log(context.Background(), level, "nats server", "message", fmt.Sprintf(format, args...))
}

func (l *serverLog) Fatalf(format string, args ...any) {
	select {
	case l.fatal <- fmt.Sprintf(format, args...):
	default:
	}
}

// orDiscard returns logger, or one that discards everything if it is nil.
func orDiscard(logger *slog.Logger) *slog.Logger {
	if logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return logger
}
