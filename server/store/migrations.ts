/**
 * Steps from an empty database to today's, in order; `user_version` counts those done. A released step is never changed: add another.
 * Every table has a `seq` of its own, which pages are cut by: it only grows. `search` is what people look for, folded (see foldText, in SQL `fold`).
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE units (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    parent_id TEXT REFERENCES units (id),
    created_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX units_by_parent ON units (parent_id);

  CREATE TABLE clusters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    unit_id TEXT NOT NULL REFERENCES units (id),
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    tags TEXT NOT NULL,
    lat REAL,
    lon REAL,
    enabled INTEGER NOT NULL,
    key_hash TEXT NOT NULL,
    key_changed_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX clusters_by_unit ON clusters (unit_id);

  CREATE TABLE sources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    fallback_source_id TEXT REFERENCES sources (id),
    silence_timeout_ms INTEGER,
    mount TEXT UNIQUE,
    takeover TEXT,
    key_hash TEXT,
    urls TEXT,
    frequency_hz REAL,
    level_dbfs REAL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sources_by_fallback ON sources (fallback_source_id);

  CREATE TABLE clips (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    path TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    duration_samples INTEGER NOT NULL,
    loudness_lufs REAL,
    size_bytes INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    class TEXT NOT NULL,
    title TEXT NOT NULL,
    source_id TEXT,
    clip_ids TEXT,
    targets TEXT NOT NULL,
    starts_at_ms INTEGER NOT NULL,
    ends_at_ms INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    resume TEXT NOT NULL,
    issuer_unit_id TEXT NOT NULL,
    attention_tone INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    stopped_at_ms INTEGER
  ) STRICT;
  CREATE INDEX orders_unstopped_by_end ON orders (ends_at_ms) WHERE stopped_at_ms IS NULL;

  CREATE TABLE tokens (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE idempotent_responses (
    scope TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotent_responses_by_age ON idempotent_responses (created_at_ms);
  `,
  `
  CREATE TABLE enrolment_codes (
    hash TEXT PRIMARY KEY,
    cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX enrolment_codes_by_cluster ON enrolment_codes (cluster_id);

  CREATE TABLE devices (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
    public_key TEXT NOT NULL,
    enrolled_at_ms INTEGER NOT NULL,
    remote_address TEXT NOT NULL,
    revoked_at_ms INTEGER
  ) STRICT;
  CREATE INDEX devices_by_cluster ON devices (cluster_id);
  CREATE UNIQUE INDEX devices_one_active ON devices (cluster_id) WHERE revoked_at_ms IS NULL;

  CREATE TABLE commands (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    arguments TEXT NOT NULL,
    targets TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX commands_by_expiry ON commands (expires_at_ms);

  CREATE TABLE command_results (
    command_id TEXT NOT NULL REFERENCES commands (id) ON DELETE CASCADE,
    cluster_id TEXT NOT NULL,
    result TEXT,
    reason TEXT,
    at_ms INTEGER,
    PRIMARY KEY (command_id, cluster_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE signed_numbers (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ceiling INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE rtp_outputs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
    mode TEXT NOT NULL,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    codec TEXT NOT NULL,
    ptime_ms INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    dscp INTEGER NOT NULL,
    interface TEXT,
    sap INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    UNIQUE (address, port)
  ) STRICT;
  CREATE INDEX rtp_outputs_by_cluster ON rtp_outputs (cluster_id);
  `,
  `
  CREATE TABLE air_log_device (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    cluster_id TEXT NOT NULL,
    device_id TEXT,
    log_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    order_id TEXT,
    playing TEXT NOT NULL,
    audible INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    heard INTEGER,
    from_samples INTEGER NOT NULL,
    until_samples INTEGER NOT NULL,
    missing_samples INTEGER NOT NULL,
    heard_at_ms INTEGER NOT NULL,
    ended TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    UNIQUE (cluster_id, log_id, number)
  ) STRICT;
  CREATE INDEX air_log_device_by_cluster ON air_log_device (cluster_id, seq);
  `,
  'ALTER TABLE units ADD COLUMN presentation_delay_ms INTEGER',
  `
  CREATE TABLE log_heads (
    log TEXT PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TABLE audit_log (
    seq INTEGER PRIMARY KEY,
    form INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    request_id TEXT,
    token_id TEXT,
    token_name TEXT,
    remote_address TEXT,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    target_ids TEXT NOT NULL,
    fields TEXT NOT NULL,
    status INTEGER NOT NULL,
    code TEXT,
    count INTEGER NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX audit_log_by_time ON audit_log (at_ms);
  CREATE TABLE air_log (
    seq INTEGER PRIMARY KEY,
    form INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    class TEXT NOT NULL,
    title TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    issuer_unit_id TEXT NOT NULL,
    source_id TEXT,
    clip_ids TEXT,
    cluster_ids TEXT NOT NULL,
    planned_from_ms INTEGER NOT NULL,
    planned_until_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    planned_ms INTEGER NOT NULL,
    air_ms INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    ended TEXT NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX air_log_by_order ON air_log (order_id, seq);
  CREATE INDEX air_log_by_time ON air_log (at_ms);
  CREATE INDEX air_log_figures ON air_log (from_ms, seq, unit_id, source_id, class, planned_ms, air_ms, sent_ms);
  CREATE TABLE air_log_open (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    sent TEXT NOT NULL
  ) STRICT;
  CREATE TABLE log_checkpoints (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    previous_hash TEXT NOT NULL,
    heads TEXT NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signature TEXT NOT NULL
  ) STRICT;
  `,
  // Roles at units. Until here a role was one word and held everywhere: operators could start emergencies, and administrators everything.
  `
  CREATE TABLE grants (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    holder_id TEXT NOT NULL,
    role TEXT NOT NULL,
    unit_id TEXT REFERENCES units (id) ON DELETE CASCADE
  ) STRICT;
  CREATE UNIQUE INDEX grants_once ON grants (holder_id, role, coalesce(unit_id, ''));
  CREATE INDEX grants_by_unit ON grants (unit_id);
  INSERT INTO grants (holder_id, role) SELECT id, 'administrator' FROM tokens WHERE role = 'admin' ORDER BY seq;
  INSERT INTO grants (holder_id, role) SELECT id, 'operator' FROM tokens WHERE role = 'operator' ORDER BY seq;
  INSERT INTO grants (holder_id, role) SELECT id, 'emergency-officer' FROM tokens WHERE role IN ('admin', 'operator') ORDER BY seq;
  INSERT INTO grants (holder_id, role) SELECT id, 'viewer' FROM tokens WHERE role = 'viewer' ORDER BY seq;
  ALTER TABLE tokens DROP COLUMN role;
  `,
  `
  CREATE TABLE users (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret TEXT,
    totp_pending TEXT,
    totp_used_step INTEGER NOT NULL,
    recovery_hashes TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    remote_address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_user ON sessions (user_id);
  CREATE INDEX sessions_by_end ON sessions (expires_at_ms);
  `,
  `
  -- Made anew, because a code is now unique only among the units that have not ended.
  CREATE TABLE units_new (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    parent_id TEXT REFERENCES units (id),
    presentation_delay_ms INTEGER,
    created_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    successor_ids TEXT NOT NULL
  ) STRICT;
  INSERT INTO units_new (seq, id, code, name, search, parent_id, presentation_delay_ms, created_at_ms, successor_ids)
    SELECT seq, id, code, name, fold(code || char(10) || name), parent_id, presentation_delay_ms, created_at_ms, '[]' FROM units;
  DROP TABLE units;
  ALTER TABLE units_new RENAME TO units;
  CREATE UNIQUE INDEX units_code ON units (code) WHERE ended_at_ms IS NULL;
  CREATE INDEX units_by_parent ON units (parent_id);
  UPDATE clusters SET search = fold(code || char(10) || name);
  UPDATE clips SET search = fold(name);

  CREATE TABLE unit_versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    unit_id TEXT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    parent_id TEXT,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER
  ) STRICT;
  CREATE INDEX unit_versions_by_unit ON unit_versions (unit_id, seq);
  INSERT INTO unit_versions (unit_id, code, name, parent_id, from_ms) SELECT id, code, name, parent_id, created_at_ms FROM units ORDER BY seq;

  CREATE TABLE cluster_units (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    cluster_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER
  ) STRICT;
  CREATE INDEX cluster_units_by_cluster ON cluster_units (cluster_id, seq);
  CREATE INDEX cluster_units_by_unit ON cluster_units (unit_id);
  INSERT INTO cluster_units (cluster_id, unit_id, from_ms) SELECT id, unit_id, created_at_ms FROM clusters ORDER BY seq;

  CREATE TABLE ended_unit_clusters (
    unit_id TEXT NOT NULL,
    cluster_id TEXT NOT NULL,
    PRIMARY KEY (unit_id, cluster_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE unit_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    note TEXT,
    steps TEXT NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    problem TEXT,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL
  ) STRICT;
  CREATE INDEX unit_changes_planned ON unit_changes (at_ms) WHERE state = 'planned';
  `,
  `
  ALTER TABLE clusters ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
  ALTER TABLE clusters ADD COLUMN technology TEXT;
  ALTER TABLE clusters ADD COLUMN imei TEXT;
  ALTER TABLE clusters ADD COLUMN sim TEXT;
  ALTER TABLE clusters ADD COLUMN maker TEXT;
  ALTER TABLE clusters ADD COLUMN model TEXT;
  ALTER TABLE clusters ADD COLUMN amplifier TEXT;
  ALTER TABLE clusters ADD COLUMN loudspeakers INTEGER;
  ALTER TABLE clusters ADD COLUMN build_year INTEGER;
  ALTER TABLE clusters ADD COLUMN depreciated_on TEXT;
  CREATE UNIQUE INDEX clusters_imei ON clusters (imei);
  `,
  `
  CREATE TABLE groups (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    selection TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE schedule_items (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    search TEXT NOT NULL,
    class TEXT NOT NULL,
    source_id TEXT,
    clip_ids TEXT,
    duration_ms INTEGER,
    targets TEXT NOT NULL,
    issuer_unit_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    resume TEXT NOT NULL,
    zone TEXT NOT NULL,
    time TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT,
    repeat TEXT NOT NULL,
    except_days TEXT NOT NULL,
    holidays TEXT NOT NULL,
    plays INTEGER NOT NULL,
    gap_ms INTEGER NOT NULL,
    missed TEXT NOT NULL,
    late_limit_ms INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    changed_by TEXT NOT NULL
  ) STRICT;

  CREATE TABLE schedule_plays (
    item_id TEXT NOT NULL REFERENCES schedule_items (id) ON DELETE CASCADE,
    occurrence TEXT NOT NULL,
    version INTEGER NOT NULL,
    starts_at_ms INTEGER NOT NULL,
    ends_at_ms INTEGER NOT NULL,
    order_id TEXT,
    PRIMARY KEY (item_id, occurrence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX schedule_plays_by_start ON schedule_plays (starts_at_ms);

  CREATE TABLE schedule_seen (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE unit_policies (
    unit_id TEXT PRIMARY KEY REFERENCES units (id) ON DELETE CASCADE,
    policy TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE policy_breaches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    given_by TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    title TEXT NOT NULL,
    class TEXT NOT NULL,
    breaches TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE sources ADD COLUMN unit_id TEXT REFERENCES units (id);
  ALTER TABLE clips ADD COLUMN unit_id TEXT REFERENCES units (id);
  CREATE INDEX sources_by_unit ON sources (unit_id);
  CREATE INDEX clips_by_unit ON clips (unit_id);
  CREATE INDEX clips_by_path ON clips (path);
  `,
  `
  ALTER TABLE schedule_items ADD COLUMN ask TEXT;
  `,
  `
  ALTER TABLE orders ADD COLUMN alert_id TEXT;
  ALTER TABLE orders ADD COLUMN alert_kind TEXT;
  ALTER TABLE orders ADD COLUMN alert_level INTEGER;
  CREATE INDEX orders_by_alert ON orders (alert_id) WHERE alert_id IS NOT NULL;

  ALTER TABLE groups ADD COLUMN alert_id TEXT;

  CREATE TABLE alerts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    hazard TEXT NOT NULL,
    over_at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_by_end ON alerts (over_at_ms);

  CREATE TABLE alert_clusters (
    alert_id TEXT PRIMARY KEY REFERENCES alerts (id),
    meant TEXT NOT NULL,
    reached TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alert_templates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    unit_id TEXT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    hazard TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;

  CREATE TABLE alert_rules (
    unit_id TEXT PRIMARY KEY REFERENCES units (id) ON DELETE CASCADE,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE monitored_clusters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    cluster_id TEXT NOT NULL UNIQUE,
    was_seen INTEGER NOT NULL,
    left_at_ms INTEGER
  ) STRICT;

  CREATE TABLE state_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    clusters BLOB NOT NULL
  ) STRICT;
  CREATE INDEX state_log_by_time ON state_log (at_ms, seq);

  CREATE TABLE state_log_known (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    until_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE availability_days (
    day TEXT PRIMARY KEY,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    totals BLOB NOT NULL
  ) STRICT;
  `,
  // What orders are about, how long devices have sounded, and reports of who has heard what.
  `
  ALTER TABLE orders ADD COLUMN field TEXT;
  CREATE INDEX orders_by_over ON orders (min(ends_at_ms, coalesce(stopped_at_ms, ends_at_ms)));
  ALTER TABLE schedule_items ADD COLUMN field TEXT;
  ALTER TABLE air_log ADD COLUMN field TEXT;
  ALTER TABLE air_log ADD COLUMN sounded_ms INTEGER;
  DROP INDEX air_log_figures;
  CREATE INDEX air_log_figures ON air_log (from_ms, seq, unit_id, source_id, class, planned_ms, air_ms, sent_ms, ended, form, field, sounded_ms);
  CREATE INDEX air_log_device_by_order ON air_log_device (order_id, seq) WHERE order_id IS NOT NULL;

  CREATE TABLE open_proofs (
    order_id TEXT NOT NULL,
    cluster_id TEXT NOT NULL,
    proof TEXT NOT NULL,
    PRIMARY KEY (order_id, cluster_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE report_log (
    seq INTEGER PRIMARY KEY,
    form INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    packed_sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX report_log_by_order ON report_log (order_id, seq);
  CREATE INDEX report_log_by_time ON report_log (at_ms);
  CREATE TABLE report_contents (
    seq INTEGER PRIMARY KEY REFERENCES report_log (seq) ON DELETE CASCADE,
    packed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE proofs_seen (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE schedule_waiting (
    item_id TEXT NOT NULL REFERENCES schedule_items (id) ON DELETE CASCADE,
    occurrence TEXT NOT NULL,
    version INTEGER NOT NULL,
    starts_at_ms INTEGER NOT NULL,
    ends_at_ms INTEGER NOT NULL,
    order_id TEXT,
    PRIMARY KEY (item_id, occurrence)
  ) STRICT, WITHOUT ROWID;
  `,
  'ALTER TABLE command_results ADD COLUMN delivered_at_ms INTEGER',
  `
  CREATE TABLE cluster_photos (
    cluster_id TEXT PRIMARY KEY REFERENCES clusters (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cluster_photos_by_hash ON cluster_photos (sha256);
  `,
  `
  CREATE TABLE alarms (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    unit_id TEXT,
    since_ms INTEGER NOT NULL,
    raised_at_ms INTEGER NOT NULL,
    cleared_at_ms INTEGER,
    level INTEGER NOT NULL,
    members INTEGER,
    detail TEXT NOT NULL,
    detail_vi TEXT NOT NULL,
    acknowledged TEXT
  ) STRICT;
  CREATE UNIQUE INDEX alarms_open ON alarms (rule, subject_kind, subject_id) WHERE cleared_at_ms IS NULL;
  CREATE INDEX alarms_by_raise ON alarms (raised_at_ms);
  CREATE INDEX alarms_by_end ON alarms (cleared_at_ms) WHERE cleared_at_ms IS NOT NULL;

  CREATE TABLE alarm_settings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    unit_id TEXT REFERENCES units (id) ON DELETE CASCADE,
    settings TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX alarm_settings_of ON alarm_settings (rule, coalesce(unit_id, ''));

  CREATE TABLE notification_channels (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    unit_id TEXT REFERENCES units (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    min_severity TEXT NOT NULL,
    rules TEXT,
    level INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE notifications (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    channel_id TEXT NOT NULL REFERENCES notification_channels (id) ON DELETE CASCADE,
    alarm_id TEXT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at_ms INTEGER NOT NULL,
    last_error TEXT,
    done_at_ms INTEGER
  ) STRICT;
  CREATE INDEX notifications_pending ON notifications (channel_id, seq, next_at_ms) WHERE state = 'pending';
  CREATE INDEX notifications_of_alarm ON notifications (alarm_id, channel_id) WHERE state = 'pending';
  CREATE INDEX notifications_done ON notifications (done_at_ms) WHERE done_at_ms IS NOT NULL;
  CREATE INDEX notifications_by_channel ON notifications (channel_id, seq);

  CREATE TABLE tickets (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    cluster_id TEXT,
    alarm_id TEXT,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    assignee TEXT,
    parts TEXT NOT NULL,
    labour_vnd INTEGER,
    opened_at_ms INTEGER NOT NULL,
    opened_by TEXT,
    responded_at_ms INTEGER,
    on_site_at_ms INTEGER,
    closed_at_ms INTEGER,
    waited_ms INTEGER NOT NULL,
    waiting_since_ms INTEGER,
    cluster_state_before TEXT
  ) STRICT;
  CREATE INDEX tickets_by_cluster ON tickets (cluster_id);
  CREATE INDEX tickets_by_unit ON tickets (unit_id);
  CREATE INDEX tickets_by_opening ON tickets (opened_at_ms);

  CREATE TABLE ticket_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    given_by TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT
  ) STRICT;
  CREATE INDEX ticket_events_of ON ticket_events (ticket_id, seq);
  `,
  `
  CREATE TABLE cap_senders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL UNIQUE,
    unit_id TEXT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    record TEXT NOT NULL
  ) STRICT;

  CREATE TABLE cap_feeds (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    sender_id TEXT NOT NULL REFERENCES cap_senders (id) ON DELETE CASCADE,
    record TEXT NOT NULL,
    state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX cap_feeds_by_sender ON cap_feeds (sender_id);

  CREATE TABLE cap_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    received_at_ms INTEGER NOT NULL,
    via_kind TEXT NOT NULL,
    via_id TEXT NOT NULL,
    sender_id TEXT,
    unit_id TEXT,
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    sent TEXT NOT NULL,
    status TEXT NOT NULL,
    msg_type TEXT NOT NULL,
    scope TEXT NOT NULL,
    refers_to TEXT NOT NULL,
    signature TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    alert_id TEXT,
    repeats INTEGER NOT NULL,
    xml TEXT NOT NULL,
    UNIQUE (sender, identifier, sent, signature)
  ) STRICT;
  CREATE INDEX cap_messages_by_sender ON cap_messages (sender_id, signature, received_at_ms);
  CREATE INDEX cap_messages_by_outcome ON cap_messages (outcome) WHERE outcome IN ('working', 'refused');

  CREATE TABLE cap_references (
    message_id TEXT NOT NULL REFERENCES cap_messages (id) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    sent TEXT NOT NULL,
    PRIMARY KEY (sender, identifier, sent, message_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cap_references_by_message ON cap_references (message_id);
  `,
  `
  ALTER TABLE units ADD COLUMN people INTEGER;
  UPDATE alerts SET record = json_set(record, '$.people', json('{"known":null,"units":0,"unknownUnits":0}'));
  `,
  `
  ALTER TABLE sources ADD COLUMN line TEXT;
  `,
  `
  CREATE TABLE recordings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    room TEXT NOT NULL,
    source_id TEXT,
    order_id TEXT,
    class TEXT NOT NULL,
    from_samples INTEGER NOT NULL,
    until_samples INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    record TEXT NOT NULL,
    hold TEXT
  ) STRICT;
  CREATE INDEX recordings_by_room ON recordings (room, from_samples);
  CREATE INDEX recordings_open ON recordings (is_open) WHERE is_open = 1;
  CREATE INDEX recordings_by_end ON recordings (until_ms) WHERE is_open = 0 AND hold IS NULL;

  CREATE TABLE recording_spans (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL,
    order_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    class TEXT NOT NULL,
    title TEXT NOT NULL,
    from_samples INTEGER NOT NULL,
    until_samples INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    UNIQUE (room, order_id, unit_id, from_samples)
  ) STRICT;
  CREATE INDEX recording_spans_by_room ON recording_spans (room, from_samples);
  CREATE INDEX recording_spans_by_order ON recording_spans (order_id);
  CREATE INDEX recording_spans_by_unit ON recording_spans (unit_id);
  CREATE INDEX recording_spans_open ON recording_spans (is_open) WHERE is_open = 1;

  CREATE TABLE recording_rules (
    unit_id TEXT PRIMARY KEY REFERENCES units (id) ON DELETE CASCADE,
    keep_days INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE sources ADD COLUMN ingest TEXT;
  UPDATE sources SET ingest = '{"acceptsFrom":"always","leadTimeMs":600000,"tailMs":60000,"revokedKeyTags":[]}' WHERE key_hash IS NOT NULL;

  CREATE TABLE source_keys (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    class TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    is_replaced INTEGER NOT NULL,
    last_used_at_ms INTEGER
  ) STRICT;
  CREATE INDEX source_keys_of ON source_keys (source_id, seq);

  CREATE TABLE source_switches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    from_input_id TEXT,
    to_input_id TEXT NOT NULL,
    cause TEXT NOT NULL,
    detail TEXT NOT NULL,
    gap_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX source_switches_of ON source_switches (source_id, seq);

  CREATE TABLE source_attempts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    protocol TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    reason TEXT NOT NULL,
    key_id TEXT,
    key_class TEXT,
    remote_address TEXT NOT NULL,
    user_agent TEXT NOT NULL
  ) STRICT;
  CREATE INDEX source_attempts_of ON source_attempts (source_id, seq);
  CREATE INDEX source_attempts_wrong ON source_attempts (last_at_ms) WHERE reason = 'key-wrong';
  `,
  `
  ALTER TABLE orders ADD COLUMN mixing TEXT;
  ALTER TABLE orders ADD COLUMN hand_overs TEXT;
  ALTER TABLE schedule_items ADD COLUMN mixing TEXT;
  `,
  `
  CREATE TABLE phone_pins (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    number TEXT NOT NULL UNIQUE,
    pin_hash TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    language TEXT NOT NULL,
    needs_code INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE phone_keys (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    unit_id TEXT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    owner TEXT NOT NULL GENERATED ALWAYS AS (coalesce(user_id, '')) STORED,
    key TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (key, unit_id, owner)
  ) STRICT;

  CREATE TABLE phone_calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT,
    unit_id TEXT,
    ended INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX phone_calls_live ON phone_calls (seq) WHERE ended = 0;
  CREATE INDEX phone_calls_recorded ON phone_calls (seq) WHERE recorded = 1;
  CREATE INDEX phone_calls_unknown ON phone_calls (seq) WHERE user_id IS NULL;
  `,
  `
  ALTER TABLE sources ADD COLUMN levelling TEXT NOT NULL DEFAULT 'programme';
  ALTER TABLE sources ADD COLUMN watch TEXT NOT NULL DEFAULT 'all';
  `,
  `
  CREATE TABLE phone_tries (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX phone_tries_by_time ON phone_tries (kind, last_at_ms);
  ALTER TABLE phone_pins ADD COLUMN caller_ids TEXT NOT NULL DEFAULT '[]';
  `,
  `
  ALTER TABLE units ADD COLUMN contact TEXT;
  `,
  `
  CREATE TABLE microphones (
    actor_id TEXT NOT NULL,
    unit_id TEXT,
    source_id TEXT NOT NULL UNIQUE REFERENCES sources (id) ON DELETE CASCADE
  ) STRICT;
  CREATE INDEX microphones_actor ON microphones (actor_id);
  `,
  `
  ALTER TABLE clusters ADD COLUMN keeper TEXT;
  ALTER TABLE clusters ADD COLUMN keeper_phone TEXT;
  `,
  `
  CREATE TABLE playlists (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    unit_id TEXT REFERENCES units (id),
    created_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX playlists_of ON playlists (unit_id);

  CREATE TABLE playlist_clips (
    playlist_id TEXT NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    clip_id TEXT NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    PRIMARY KEY (playlist_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX playlist_clips_of ON playlist_clips (clip_id);
  `,
  `
  CREATE TABLE measurements (
    step_ms INTEGER NOT NULL,
    block INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    cells BLOB NOT NULL,
    PRIMARY KEY (step_ms, block, from_ms)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE microphone_keys (
    key_id TEXT PRIMARY KEY REFERENCES source_keys (id) ON DELETE CASCADE,
    credential_id TEXT NOT NULL
  ) STRICT;
  CREATE INDEX microphone_keys_of ON microphone_keys (credential_id);
  `,
  `
  ALTER TABLE alerts ADD COLUMN prepared_at_ms INTEGER GENERATED ALWAYS AS (record ->> '$.prepared.atMs') VIRTUAL;
  ALTER TABLE alerts ADD COLUMN is_confirmed INTEGER GENERATED ALWAYS AS (record ->> '$.confirmed' IS NOT NULL) VIRTUAL;
  CREATE INDEX alerts_by_preparation ON alerts (prepared_at_ms);
  `,
  `
  ALTER TABLE tokens ADD COLUMN expires_at_ms INTEGER;
  ALTER TABLE tokens ADD COLUMN last_used_at_ms INTEGER;
  `,
]
