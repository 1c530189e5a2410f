import { AcousticOffsets, Speaker, StaggeredOrder, Sync } from './acoustics.ts'
import { Alert, AlertClusters, AlertPage, AlertRule, AlertRuleList, AlertRules, AlertTemplate, AlertTemplatePage, TargetPreview } from './alert.ts'
import { Alarm, AlarmCounts, AlarmPage, AlarmRule, AlarmRuleList } from './alarm.ts'
import { Availability, AvailabilityPage } from './availability.ts'
import { CapFeed, CapFeedPage, CapMessagePage, CapMessageView, CapSender, CapSenderPage } from './cap.ts'
import { Clip, ClipPage, ClipPeaks, ClipUpload, ClipUploadList, ClipUsage } from './clip.ts'
import { Cluster, ClusterImport, ClusterOnAir, ClusterPage, ClusterWithKey, ClusterPhoto } from './cluster.ts'
import { ClusterBoard } from './cluster-board.ts'
import { ConsoleSettings } from './console.ts'
import { Command, CommandOfCluster, CommandOfClusterPage, CommandPage, CommandResult, CommandResultPage } from './command.ts'
import { Problem } from './common.ts'
import { Device, DeviceList, EnrolmentCode, EnrolmentCodes, SigningKeyList } from './device.ts'
import { Group, GroupPage, Selected } from './group.ts'
import { AirLogEntry, AirLogPage, AuditEntry, AuditLogPage, Figures, LogCheckpoint, LogCheckpointPage } from './log.ts'
import { MonitorListenerPage, MonitorListenerSchema, MonitorPassSchema } from './monitor.ts'
import { ClusterState, ClusterStatePage, Measurements, StateCounts, StateHistory, UnitState } from './monitoring.ts'
import { Notification, NotificationChannel, NotificationChannelPage, NotificationChannelWithSecret, NotificationPage } from './notification.ts'
import { ListedOrder, Order, OrderPage } from './order.ts'
import { Me, NewSecondFactor, NewSession, RecoveryCodes, Session, SessionList, User, UserPage } from './people.ts'
import { PhoneCall, PhoneCallPage, PhoneKey, PhoneKeyPage, PhoneLines, PhonePin } from './phone.ts'
import { PlayLogEntry, PlayLogPage } from './play-log.ts'
import { Playlist, PlaylistPage } from './playlist.ts'
import { PolicyBreach, PolicyBreachPage, UnitPolicy } from './policy.ts'
import { AlertReport, OrderReport, ProofBoard, ReportAnswer, ReportAppendix, ReportEntry, ReportPage } from './report.ts'
import { RtpOutput, RtpOutputPage } from './rtp-output.ts'
import { ClusterDay, Collision, CollisionList, FrameCollision, ScheduleItem, ScheduledItem, ScheduledItemPage, ScheduleItemPage, SchedulePlays } from './schedule.ts'
import { RtpAnnouncement, RtpAnnouncements, RtpStream, Source, SourceCause, SourcePage, SourceWithKey } from './source.ts'
import { ListedRecording, OrderRecording, Recording, RecordingPage, RecordingRules, RecordingUsage } from './recording.ts'
import { Backup, BackupState, LogVerificationAnswer, LogVerificationState, ServerHealthAnswer } from './maintenance.ts'
import { Microphone, SourceAttempt, SourceAttemptPage, SourceKey, SourceKeyPage, SourceKeyWithSecret, SourceSwitch, SourceSwitchPage } from './source-ingest.ts'
import { Health, Readiness, Setup, Status } from './status.ts'
import { Ticket, TicketEventList, TicketFigures, TicketPage } from './ticket.ts'
import { Token, TokenList, TokenWithSecret } from './token.ts'
import { Unit, UnitPage } from './unit.ts'
import { ClusterUnits, UnitChange, UnitChangeOutcome, UnitChangePage, UnitHistory, UnitMapPage, UnitVersion } from './unit-change.ts'

/** Schemas with a name of their own in the OpenAPI document. */
export const NAMED_SCHEMAS = [
  Problem, RtpStream, RtpAnnouncement, RtpAnnouncements, Unit, UnitPage, UnitChange, UnitChangePage, UnitVersion, UnitMapPage, UnitHistory, ClusterUnits, Cluster, ClusterImport, ClusterWithKey, ClusterPage, ClusterOnAir, ClusterPhoto, Group, GroupPage, Selected, TargetPreview, Command, CommandPage, CommandResult, CommandResultPage, EnrolmentCode, EnrolmentCodes, Device, DeviceList, SigningKeyList, Source, SourceCause, SourceWithKey, SourcePage, Microphone, Clip, ClipPage,
  CommandOfCluster, CommandOfClusterPage,
  Order, ListedOrder, OrderPage, Token, TokenWithSecret, TokenList, Status, Health, Readiness, RtpOutput, RtpOutputPage, Sync, Speaker, AcousticOffsets, StaggeredOrder, PlayLogEntry, PlayLogPage,
  User, UserPage, Session, SessionList, NewSession, Me, NewSecondFactor, RecoveryCodes,
  AuditEntry, AuditLogPage, AirLogEntry, AirLogPage, LogCheckpoint, LogCheckpointPage, Figures,
  ClusterState, ClusterStatePage, ClusterBoard, ConsoleSettings, StateCounts, StateHistory, Measurements, UnitState, OrderReport, AlertReport, ReportAppendix, ReportAnswer, ProofBoard, ReportEntry, ReportPage, Availability, AvailabilityPage,
  ScheduleItem, ScheduleItemPage, Collision, FrameCollision, CollisionList, SchedulePlays, ScheduledItem, ScheduledItemPage, ClusterDay, UnitPolicy, PolicyBreach, PolicyBreachPage,
  UnitChangeOutcome,
  ServerHealthAnswer, LogVerificationAnswer, LogVerificationState, Backup, BackupState,
  Alert, AlertPage, AlertClusters, AlertTemplate, AlertTemplatePage, AlertRule, AlertRules, AlertRuleList,
  Alarm, AlarmPage, AlarmCounts, AlarmRule, AlarmRuleList, NotificationChannel, NotificationChannelWithSecret, NotificationChannelPage, Notification, NotificationPage,
  Ticket, TicketPage, TicketEventList, TicketFigures,
  CapMessageView, CapMessagePage, CapSender, CapSenderPage, CapFeed, CapFeedPage,
  ListedRecording, RecordingPage, Recording, OrderRecording, RecordingUsage, RecordingRules,
  SourceKey, SourceKeyWithSecret, SourceKeyPage, SourceAttempt, SourceAttemptPage, SourceSwitch, SourceSwitchPage,
  MonitorListenerSchema, MonitorListenerPage, MonitorPassSchema,
  PhoneLines, PhoneCall, PhoneCallPage, PhoneKey, PhoneKeyPage, PhonePin,
  Setup,
  ClipPeaks, ClipUpload, ClipUploadList, ClipUsage,
  Playlist, PlaylistPage,
]
