"""The tables of people, places and what they arrange; those of messages stand in `store.messages`.

All moments are aware and in UTC (`UtcDateTime`). Times of day and weekdays (0 is Monday) are local to
Europe/Amsterdam: a Welkomhuis opens at ten, summer and winter.

What must never be is refused here by a constraint, the same in SQLite and PostgreSQL: see `AppointmentStep`,
`HandOffClaim` and the unique indexes.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.base import Base, names_of


class Area(StrEnum):
    """What a talk with a coach can be about: the seven areas of the gemeente, or something else."""

    LANGUAGE = "language"
    WORK = "work"
    EDUCATION = "education"
    MONEY = "money"
    HEALTH = "health"
    CHILDREN = "children"
    SOCIAL_NETWORK = "social_network"
    OTHER = "other"


class Mode(StrEnum):
    """How newcomer and coach meet."""

    PLACE = "place"
    TELEPHONE = "telephone"


class AppointmentStatus(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    ATTENDED = "attended"  # the coach says that the newcomer was there
    NO_SHOW = "no_show"  # the coach says that nobody came


class Canceller(StrEnum):
    """Who cancelled an appointment. One that the coach cancelled can be moved to another time by the newcomer."""

    NEWCOMER = "newcomer"
    COACH = "coach"
    ERASED = "erased"


class LeaveKind(StrEnum):
    """Why a coach is away."""

    LEAVE = "leave"
    SICK = "sick"


class Newcomer(Base):
    """Someone who writes to the bot. No name: only what is needed to answer and to notify."""

    __tablename__ = "newcomer"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    chat_ref: Mapped[str] = mapped_column(String(64), unique=True)  # keyed hash of chat_id; all that Rasa and logs see
    language: Mapped[str] = mapped_column(String(8))
    language_chosen: Mapped[bool] = mapped_column(default=False)  # by a button or /taal, not told from a message
    # The own coach: the one of the last talk that took place.
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coach.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]  # /stop: nothing more is sent until the person writes again
    blocked_at: Mapped[datetime | None]  # Telegram says that the person blocked the bot


class Organisation(Base):
    """An organisation whose coaches work from the Welkomhuis."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    is_sample: Mapped[bool] = mapped_column(default=False)


class Place(Base):
    """A place where newcomers can go."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(240))
    postcode: Mapped[str | None] = mapped_column(String(10))
    area: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(40))
    website: Mapped[str | None] = mapped_column(String(240))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    confirmed_on: Mapped[date | None]  # by staff; None: nothing about this place is told as a fact
    is_sample: Mapped[bool] = mapped_column(default=False)

    opening_times: Mapped[list[OpeningTime]] = relationship(
        back_populates="place", cascade="all, delete-orphan", order_by="OpeningTime.weekday, OpeningTime.opens"
    )
    opening_exceptions: Mapped[list[OpeningException]] = relationship(
        back_populates="place", cascade="all, delete-orphan", order_by="OpeningException.day, OpeningException.opens"
    )


class OpeningTime(Base):
    """One span of a place's week plan."""

    __tablename__ = "opening_time"
    __table_args__ = (
        UniqueConstraint("place_id", "weekday", "opens"),
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    confirmed_on: Mapped[date | None]
    is_sample: Mapped[bool] = mapped_column(default=False)

    place: Mapped[Place] = relationship(back_populates="opening_times")


class OpeningException(Base):
    """Other times on one day, in place of the whole week plan. Without times: closed all day."""

    __tablename__ = "opening_exception"
    __table_args__ = (
        UniqueConstraint("place_id", "day", "opens"),
        CheckConstraint("(opens is null) = (closes is null)", name="both"),
        CheckConstraint("opens is null or opens < closes", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    day: Mapped[date]
    opens: Mapped[time | None]
    closes: Mapped[time | None]
    reason: Mapped[str | None] = mapped_column(String(120))
    confirmed_on: Mapped[date | None]
    is_sample: Mapped[bool] = mapped_column(default=False)

    place: Mapped[Place] = relationship(back_populates="opening_exceptions")


class Course(Base):
    """A course or activity at a place."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(160))
    cost: Mapped[str | None] = mapped_column(String(80))
    registration: Mapped[str | None] = mapped_column(String(160))
    website: Mapped[str | None] = mapped_column(String(240))
    confirmed_on: Mapped[date | None]
    is_sample: Mapped[bool] = mapped_column(default=False)

    place: Mapped[Place] = relationship()
    sessions: Mapped[list[CourseSession]] = relationship(
        back_populates="course", cascade="all, delete-orphan", order_by="CourseSession.starts_at"
    )


class CourseSession(Base):
    """One meeting of a course."""

    __tablename__ = "course_session"
    __table_args__ = (
        UniqueConstraint("course_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    confirmed_on: Mapped[date | None]
    is_sample: Mapped[bool] = mapped_column(default=False)

    course: Mapped[Course] = relationship(back_populates="sessions")


class Coach(Base):
    """A coach of the gemeente or of a partner."""

    __tablename__ = "coach"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))
    telegram_user_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)  # set by a one-time code
    appointment_minutes: Mapped[int] = mapped_column(default=30)
    buffer_minutes: Mapped[int] = mapped_column(default=0)  # kept free after each appointment
    most_a_day: Mapped[int | None]  # appointments on one local day; None: as many as fit
    notice_minutes: Mapped[int] = mapped_column(server_default="60")  # between booking and the appointment, at least
    ahead_days: Mapped[int] = mapped_column(server_default="28")  # between booking and the appointment, at most
    change_minutes: Mapped[int] = mapped_column(
        server_default="0"
    )  # before the appointment; later nobody moves or cancels it
    is_active: Mapped[bool] = mapped_column(default=True)
    is_sample: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped[Organisation] = relationship()
    languages: Mapped[list[CoachLanguage]] = relationship(
        cascade="all, delete-orphan", order_by="CoachLanguage.language"
    )
    areas: Mapped[list[CoachArea]] = relationship(cascade="all, delete-orphan", order_by="CoachArea.area")
    availability: Mapped[list[Availability]] = relationship(
        back_populates="coach", cascade="all, delete-orphan", order_by="Availability.weekday, Availability.starts"
    )
    availability_exceptions: Mapped[list[AvailabilityException]] = relationship(
        cascade="all, delete-orphan", order_by="AvailabilityException.day, AvailabilityException.starts"
    )
    leave: Mapped[list[Leave]] = relationship(cascade="all, delete-orphan", order_by="Leave.first_day")


class CoachLanguage(Base):
    """A language, by its code, in which a coach can talk without an interpreter. Every coach speaks Dutch besides."""

    __tablename__ = "coach_language"

    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)


class CoachArea(Base):
    """An area that a coach talks about. A coach without any talks about all."""

    __tablename__ = "coach_area"

    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"), primary_key=True)
    area: Mapped[Area] = mapped_column(names_of(Area), primary_key=True)


class LinkCode(Base):
    """A one-time code with which a coach links a Telegram account. Only its hash is kept."""

    __tablename__ = "link_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Availability(Base):
    """One span of a coach's week in which newcomers can book, at one place. A break is the gap between two spans."""

    __tablename__ = "availability"
    __table_args__ = (
        UniqueConstraint("coach_id", "weekday", "starts"),
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint("starts < ends", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    mode: Mapped[Mode | None] = mapped_column(names_of(Mode))  # None: both ways to meet

    coach: Mapped[Coach] = relationship(back_populates="availability")
    place: Mapped[Place] = relationship()


class AvailabilityException(Base):
    """Other times of a coach on one day, in place of the whole week. Without times: not to be booked that day."""

    __tablename__ = "availability_exception"
    __table_args__ = (
        UniqueConstraint("coach_id", "day", "starts"),
        CheckConstraint("(starts is null) = (ends is null) and (starts is null) = (place_id is null)", name="both"),
        CheckConstraint("starts is null or starts < ends", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    day: Mapped[date]
    starts: Mapped[time | None]
    ends: Mapped[time | None]


class Leave(Base):
    """Whole local days on which a coach is away, first and last included."""

    __tablename__ = "leave"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    kind: Mapped[LeaveKind] = mapped_column(names_of(LeaveKind))
    created_at: Mapped[datetime]


class Appointment(Base):
    """A talk of one newcomer with one coach."""

    __tablename__ = "appointment"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    newcomer_id: Mapped[int | None] = mapped_column(ForeignKey("newcomer.id", ondelete="SET NULL"), index=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    area: Mapped[Area] = mapped_column(names_of(Area))
    mode: Mapped[Mode] = mapped_column(names_of(Mode))
    called_name: Mapped[str | None] = mapped_column(String(60))  # the name to be called by; emptied on erasure
    language: Mapped[str] = mapped_column(String(8))
    interpreter: Mapped[bool]
    telephone: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(200))  # in the newcomer's own words; numbers blanked
    status: Mapped[AppointmentStatus] = mapped_column(names_of(AppointmentStatus), default=AppointmentStatus.BOOKED)
    request_key: Mapped[str | None] = mapped_column(String(80), unique=True)  # the turn that booked: a retry finds it
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]  # booked, moved or cancelled last
    sequence: Mapped[int] = mapped_column(
        server_default="0"
    )  # of the calendar file: grows with each move and cancelling
    coming_at: Mapped[datetime | None]  # the newcomer answered a reminder: "I come"
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[Canceller | None] = mapped_column(names_of(Canceller))

    newcomer: Mapped[Newcomer | None] = relationship(foreign_keys=[newcomer_id])
    coach: Mapped[Coach] = relationship()
    place: Mapped[Place] = relationship()


class AppointmentStep(Base):
    """Five minutes of a coach's day that an appointment takes, its buffer included.

    The primary key is the promise that no coach has two appointments at one time.
    """

    __tablename__ = "appointment_step"

    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id"), primary_key=True)
    step_at: Mapped[datetime] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"), index=True)


class WaitingEntry(Base):
    """A newcomer's place in line for a sooner time than that of an appointment. Open until closed."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        Index(
            "uq_waiting_entry_open",
            "appointment_id",
            unique=True,
            sqlite_where=text("closed_at is null"),
            postgresql_where=text("closed_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # the order of the line
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    appointment: Mapped[Appointment] = relationship()


class TimeOffer(Base):
    """A free time that was offered to somebody in line. It is not held: the first who takes it has it."""

    __tablename__ = "time_offer"
    __table_args__ = (UniqueConstraint("entry_id", "coach_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waiting_entry.id", ondelete="CASCADE"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id"))
    starts_at: Mapped[datetime]
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]  # taken or declined

    entry: Mapped[WaitingEntry] = relationship()


class HandOff(Base):
    """A newcomer's wish to talk to a person. Open until closed; one open hand-off a newcomer."""

    __tablename__ = "hand_off"
    __table_args__ = (
        Index(
            "uq_hand_off_open",
            "newcomer_id",
            unique=True,
            sqlite_where=text("closed_at is null"),
            postgresql_where=text("closed_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    newcomer_id: Mapped[int | None] = mapped_column(ForeignKey("newcomer.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(String(8))
    topic: Mapped[str | None] = mapped_column(String(60))  # taxonomy id of the last answer, to help the coach
    request_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    is_urgent: Mapped[bool] = mapped_column(server_default=false())  # a message spoke of danger

    newcomer: Mapped[Newcomer | None] = relationship()
    claim: Mapped[HandOffClaim | None] = relationship(back_populates="hand_off", cascade="all, delete-orphan")


class HandOffClaim(Base):
    """The coach who took a hand-off. The primary key is the promise that only one can."""

    __tablename__ = "hand_off_claim"

    hand_off_id: Mapped[int] = mapped_column(ForeignKey("hand_off.id", ondelete="CASCADE"), primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coach.id"))
    claimed_at: Mapped[datetime]

    hand_off: Mapped[HandOff] = relationship(back_populates="claim")
    coach: Mapped[Coach] = relationship()
