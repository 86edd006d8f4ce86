package simulate

import (
	"slices"
	"strings"
)

// The categories of notifications.
const (
	security      = "security"
	transactional = "transactional"
	billing       = "billing"
	reminder      = "reminder"
	social        = "social"
	product       = "product"
	marketing     = "marketing"
)

// The priorities of notifications.
const (
	urgent = "urgent"
	high   = "high"
	normal = "normal"
	low    = "low"
)

// template describes what is sent, and on which channels, separated by spaces. weight
// is its relative volume on each of them.
type template struct {
	id, name, category, priority, channels string
	weight                                 float64
}

var templates = []template{
	{"login_code_v2", "Log-in code", security, urgent, "sms email", 9},
	{"new_device_v1", "New device signed in", security, urgent, "email push", 3},
	{"password_reset_v4", "Password reset", security, urgent, "email", 4},
	{"password_changed_v1", "Password changed", security, high, "email sms", 1},
	{"suspicious_login_v2", "Was this you?", security, urgent, "push email sms", 1},
	{"two_factor_off_v1", "Two-factor log-in switched off", security, urgent, "email", 0.3},
	{"order_confirmed_v5", "Order confirmed", transactional, high, "email push in_app", 10},
	{"order_shipped_v3", "Order shipped", transactional, high, "email push sms", 9},
	{"order_delayed_v2", "Your order is late", transactional, high, "email push", 1.5},
	{"out_for_delivery_v2", "Out for delivery", transactional, high, "push sms", 7},
	{"order_delivered_v3", "Delivered", transactional, normal, "email push in_app", 8},
	{"return_received_v1", "Return received", transactional, normal, "email", 1.2},
	{"refund_issued_v2", "Refund issued", transactional, high, "email push", 1.4},
	{"pickup_ready_v1", "Ready for pick-up", transactional, high, "push sms", 2},
	{"booking_confirmed_v2", "Booking confirmed", transactional, high, "email in_app", 3},
	{"ticket_replied_v2", "Support has replied", transactional, normal, "email in_app chat", 2.5},
	{"ticket_closed_v1", "Support case closed", transactional, normal, "email", 0.8},
	{"export_ready_v1", "Your export is ready", transactional, normal, "email in_app chat", 0.6},
	{"invoice_ready_v3", "Invoice for {{month}}", billing, normal, "email", 4},
	{"payment_received_v2", "Payment received", billing, normal, "email push", 4},
	{"payment_failed_v3", "Payment failed", billing, high, "email sms push", 1.5},
	{"card_expiring_v2", "Your card runs out", billing, normal, "email in_app", 0.9},
	{"trial_ending_v2", "Trial ends in 3 days", billing, normal, "email in_app", 0.9},
	{"plan_changed_v1", "Plan changed", billing, normal, "email", 0.4},
	{"dunning_v2", "Second reminder of payment", billing, high, "email sms", 0.4},
	{"appointment_v2", "Appointment tomorrow", reminder, normal, "sms push email", 4},
	{"cart_v4", "You left something behind", reminder, normal, "email push", 5},
	{"task_due_v1", "Task due today", reminder, normal, "push in_app chat", 5},
	{"document_unsigned_v1", "Waiting for your signature", reminder, normal, "email in_app", 1.5},
	{"profile_incomplete_v2", "Complete your profile", reminder, normal, "in_app email", 1.2},
	{"review_request_v3", "How was it?", reminder, normal, "email push", 3},
	{"streak_v1", "Keep your streak", reminder, normal, "push", 4},
	{"comment_v2", "New comment", social, normal, "push in_app email", 8},
	{"mention_v2", "You were mentioned", social, normal, "push in_app chat", 6},
	{"follower_v1", "New follower", social, low, "push in_app", 6},
	{"reaction_v1", "Someone likes your post", social, low, "push in_app", 9},
	{"message_v3", "New message", social, normal, "push in_app", 12},
	{"invitation_v2", "You are invited", social, normal, "email push", 2},
	{"group_digest_v2", "This week in your groups", social, low, "email", 3},
	{"birthday_v1", "It is a friend's birthday", social, low, "push", 1},
	{"feature_v6", "What is new", product, low, "in_app email", 2},
	{"maintenance_v1", "Planned maintenance", product, normal, "email in_app webhook", 0.6},
	{"tips_v3", "Five tips to start with", product, low, "email in_app", 2},
	{"survey_v2", "One question", product, low, "in_app email", 1.2},
	{"app_update_v1", "Update available", product, low, "push in_app", 1.5},
	{"record_changed_v1", "Record changed", product, normal, "webhook", 20},
	{"job_finished_v1", "Job finished", product, normal, "webhook chat", 10},
	{"deployment_v2", "Deployment done", product, normal, "webhook chat", 4},
	{"quota_80_v1", "80 % of your quota used", product, normal, "email webhook", 0.7},
	{"newsletter_v9", "Newsletter", marketing, low, "email", 9},
	{"weekly_offers_v7", "Offers of the week", marketing, low, "email push", 8},
	{"flash_sale_v3", "24 hours only", marketing, low, "push email sms", 5},
	{"back_in_stock_v2", "Back in stock", marketing, normal, "push email", 3},
	{"price_drop_v2", `Price drop on your "wish list"`, marketing, normal, "push email in_app", 3},
	{"loyalty_v4", "Café loyalty: double points", marketing, low, "email push sms", 2},
	{"welcome_v5", "Welcome", marketing, normal, "email in_app", 3},
	{"win_back_v2", "We miss you", marketing, low, "email", 2},
	{"referral_v1", "Bring a friend", marketing, low, "email in_app", 1.5},
	{"season_v1", "The new season is here", marketing, low, "email push in_app", 3},
	{"event_nearby_v1", "Near you this weekend", marketing, low, "push email", 2},
}

// optional reports whether users can opt out of notifications like it.
func (t *template) optional() bool { return t.category == marketing || t.category == product }

// offer lists the templates of a channel, by index.
type offer struct {
	all, marketing []int
}

// offers holds one offer for each of channels.
var offers = func() []offer {
	offers := make([]offer, len(channels))
	for c := range channels {
		for i := range templates {
			if !slices.Contains(strings.Fields(templates[i].channels), channels[c].name) {
				continue
			}
			offers[c].all = append(offers[c].all, i)
			if templates[i].category == marketing {
				offers[c].marketing = append(offers[c].marketing, i)
			}
		}
	}
	return offers
}()
