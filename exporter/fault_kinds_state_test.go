package exporter_test

import (
	"belfry/exporter/catalog"
	"belfry/rules"
)

var diskFaults = section{"Disk", []kind{
	{
		fault: "the disk has no room for a checkpoint", does: goesOn,
		then:   "it counts on; after a crash it counts the stream again from the last checkpoint",
		metric: catalog.PartitionReading, value: 1,
		log:  []string{"no checkpoints are written", "free some space"},
		calm: "when its memory is full too, it stops reading, and PartitionNotReading pages",
		test: "TestFaultNoRoomForCheckpoints",
	}, {
		fault: "the disk has no room for a checkpoint, and the memory for records is full", does: waits,
		then:   "the numbers stay, the stream keeps the events, and it continues once there is room",
		metric: catalog.PartitionReading, log: []string{"reading stopped, retrying", "free some space"},
		alerts: []rules.Alert{rules.PartitionNotReading}, test: "TestFaultDiskFull", disk: true,
	}, {
		fault: "the disk has no room for the high-water mark", does: waits,
		then:   "it counts on and shows no numbers, which come back once there is room",
		metric: catalog.PartitionExposed, log: []string{"numbers are withheld", "free some space"},
		alerts: []rules.Alert{rules.PartitionHidden}, test: "TestFaultDiskFull",
	}, {
		fault: "the disk is full when the user key is created", does: refuses,
		then: "it leaves no part of a key behind, and the next start creates it",
		log:  []string{"no space left on device"}, alerts: down, test: "TestFaultNoRoomForTheUserKey", disk: true,
	}, {
		fault: "the disk is full at the start", does: exits,
		then: "nothing is lost: with room it continues where it was",
		log:  []string{"is full", "bytes free", "make room", "nothing is lost"}, alerts: down,
		test: "TestFaultNoRoomAtAStart", disk: true,
	}, {
		fault: "the file system of the state is read-only at the start", does: exits,
		then:   "nothing is lost: once it can be written it continues where it was",
		log:    []string{"read-only file system", "let the exporter's user write to", "nothing is lost"},
		alerts: down, test: "TestFaultReadOnlyState", disk: true,
	},
}}

var stateFaults = section{"State", []kind{
	{
		fault: "a second exporter runs on the same state", does: exits,
		then: "the second one names the first, which goes on",
		log:  []string{"is in use by process", "stop it or choose another directory"}, alerts: down,
		test: "TestFaultTwoExportersOnOneState",
	}, {
		fault: "the state is that of a newer version", does: refuses,
		then: "it says which version to run", log: []string{"run that version, or a newer one"}, alerts: down,
		test: "TestFaultNewerCheckpoint",
	}, {
		fault: "a byte of a database table is damaged", does: exits,
		then: "no damaged record is counted; restore a backup, or count the stream again",
		log:  []string{"the state database cannot continue"}, alerts: down,
		test: "TestFaultFlippedByteInSST",
	}, {
		fault: "a byte of the database's log is damaged", does: goesOn,
		then:   "it continues from an older checkpoint and shows nothing until it is where it was",
		metric: catalog.StreamProcessedSequence, value: 300, log: []string{"numbers stay off /metrics"},
		calm: "the numbers are those from before", test: "TestFaultFlippedByteInWAL",
	}, {
		fault: "a table of the database is gone", does: refuses,
		then: "no number is made up; restore a backup, or count the stream again",
		log:  []string{"open state in"}, alerts: down, test: "TestFaultStatesThatCannotBeRead",
	}, {
		fault: "the high-water mark is damaged", does: refuses,
		then: "it cannot know what was shown", log: []string{"is damaged; remove it"}, alerts: down,
		test: "TestFaultStatesThatCannotBeRead",
	}, {
		fault: "after a crash, the high-water mark is missing", does: goesOn,
		then:   "it shows nothing until all that the stream has is counted, so that no counter goes down",
		metric: catalog.StreamProcessedSequence, value: 10,
		log:  []string{"the high-water mark is missing", "numbers stay off /metrics"},
		calm: "nothing is missing", test: "TestFaultMarkIsMissing",
	}, {
		fault: "a file is where the state directory should be", does: refuses,
		then: "it writes nothing elsewhere", log: []string{"open state"}, alerts: down,
		test: "TestFaultStatesThatCannotBeRead",
	}, {
		fault: "the state is that of another partition", does: halts,
		then:   "it counts nothing, since its stream is not the one that was counted",
		metric: catalog.FenceOK, labels: []string{"partition", "0"},
		log:    []string{"partition is halted", "start with --on-fence-mismatch=new-epoch"},
		alerts: fenced, test: "TestFaultStateOfAnotherPartition",
	}, {
		fault: "the state directory is lost", does: goesOn,
		then:   "it counts again what the stream still has, and its counters start over",
		metric: catalog.StreamProcessedSequence, value: 10, log: []string{"numbers are on /metrics"},
		calm: "rate and increase understand counters that start over", test: "TestFaultStateLost",
	}, {
		fault: "the configuration sets another number of partitions than the state has", does: refuses,
		then: "users would move away from their state", log: []string{"set partitions: 4 or leave it out"},
		alerts: down, test: "TestPartitionsThatContradict",
	}, {
		fault: "the state has moved to another machine", does: refuses,
		then: "what is left behind cannot be continued by mistake", log: []string{"to continue elsewhere; remove"},
		alerts: down, test: "TestAPartitionMoves",
	}, {
		fault: "the state is damaged on its way to another machine", does: refuses,
		then: "belfry partition import leaves nothing behind; export it again, or copy the file again",
		log:  []string{"has changed since it was exported"}, alerts: down, test: "TestImportRefusesADamagedExport",
	},
}}

var keyFaults = section{"User key", []kind{
	{
		fault: "the user key is missing", does: refuses,
		then: "it forgets nobody and creates no other key", log: []string{"does not exist", "restore it from a copy"},
		alerts: down, test: "TestAMissingUserKeyForgetsNobody",
	}, {
		fault: "the user key is missing, and the state cannot be read", does: refuses,
		then: "it creates no other key", log: []string{"is unknown"}, alerts: down,
		test: "TestNoUserKeyIsCreatedForAStateThatCannotBeRead",
	}, {
		fault: "the user key is another one than that of the state", does: refuses,
		then: "it forgets users only with --on-user-key-mismatch=forget-users",
		log:  []string{"every user would be forgotten", "set --user-key-file to the file"}, alerts: down,
		test: "TestAnotherUserKeyForgetsOnlyOnPurpose",
	}, {
		fault: "the user key is empty or cut off", does: refuses,
		then: "it creates no other key", log: []string{"at least 32 are needed: restore it from a copy"},
		alerts: down, test: "TestADamagedOrExposedUserKey",
	}, {
		fault: "others can read the user key", does: goesOn,
		then:   "it says so at each start: with the key they can find users in a copy of the state",
		metric: catalog.PartitionReading, value: 1, log: []string{"has mode 0644: others can read it", "run chmod 600"},
		calm: "the numbers are right; the log says what to do", test: "TestFaultExposedUserKey",
	},
}}

var programFaults = section{"Scrapes and the process", []kind{
	{
		fault: "a scraper reads one byte at a time", does: goesOn,
		then:   "other scrapes and the counting do not wait for it",
		metric: catalog.PartitionReading, value: 1, calm: "nothing is wrong with the numbers",
		test: "TestFaultSlowScraper",
	}, {
		fault: "eight scrapers come at once", does: goesOn,
		then:   "each gets a complete answer, and no number falls",
		metric: catalog.PartitionReading, value: 1, calm: "nothing is wrong with the numbers",
		test: "TestFaultEightScrapersAtOnce",
	}, {
		fault: "the exporter is killed while new series show 0", does: goesOn,
		then:   "no series skips the 0 or falls back to it",
		metric: catalog.StreamProcessedSequence, value: 8, calm: "nothing is wrong with the numbers",
		test: "TestFaultCrashWhileSeriesAreHeld",
	}, {
		fault: "the exporter is killed while it counts", does: goesOn,
		then:   "the next one counts the rest, and nothing twice",
		metric: catalog.StreamProcessedSequence, value: 2000, log: []string{"numbers are on /metrics"},
		calm: "if nothing starts it again, ExporterDown pages", test: "TestFaultEndWhileFolding",
	}, {
		fault: "the exporter is asked to end while it counts", does: exits,
		then: "it writes a last checkpoint; the next one continues from it, and counts nothing twice",
		log:  []string{"stopped cleanly"}, alerts: down, test: "TestFaultAskedToEndWhileFolding",
	}, {
		fault: "the port is taken", does: exits,
		then: "it counts nothing that nobody could see", log: []string{"address already in use"}, alerts: down,
		test: "TestFaultProgramsThatCannotStart",
	}, {
		fault: "the configuration has a mistake at the start", does: exits,
		then: "its last line names the line of the file", log: []string{"did you mean"}, alerts: down,
		test: "TestFaultProgramsThatCannotStart",
	}, {
		fault: "a flag is misspelled", does: exits,
		then: "its last line names the flag", log: []string{"see belfry-exporter --help"}, alerts: down,
		test: "TestFaultProgramsThatCannotStart",
	}, {
		fault: "a family would have a series twice", does: goesOn,
		then:   "it leaves out the family, and shows all others",
		metric: catalog.FamiliesLeftOut, labels: []string{"family", catalog.ExperimentInfo.Name},
		log:    []string{"left out of scrapes", "is there twice"},
		alerts: []rules.Alert{rules.MetricsLeftOut}, test: "TestBadFamilyLeavesTheOthers",
	}, {
		fault: "a reload finds a mistake in the configuration", does: goesOn,
		then:   "the configuration from before stays in force, and the answer names the line",
		metric: catalog.ConfigReloadOK, log: []string{"did you mean"},
		calm: "whoever reloads is told", test: "TestReloadAppliesTargetsAndRefusesWhatWouldAlterTheCounts",
	},
}}
