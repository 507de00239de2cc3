"""A message joins its writer's question until that begins: never later, never twice, never another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from services.domain import Correction, JobRequest, Origin, Place, Turn
from services.store.conversations import ConversationRepository
from services.store.database import Database
from services.store.jobs import JobRepository
from services.store.questions import QuestionRepository
from tests.services.store.test_repositories import READING, item

REQUEST = JobRequest("answer-1", "answer_question", 5, Origin(1, 77, 100, True), "where", conversation_id=77)


async def begun(database: Database, *requests: JobRequest) -> QuestionRepository:
    for each in requests:
        await JobRepository(database).record_place(each, Place(77, 7, is_thread=True))
    return QuestionRepository(database)


async def join(questions: QuestionRepository, message_id: int, *, person_id: int = 5) -> str | None:
    return await questions.join(
        place_id=77, conversation_id=77, person_id=person_id, message_id=message_id, text=f"part {message_id}"
    )


async def test_parts_join_until_the_question_begins(database: Database) -> None:
    """Parts come back in the order of their messages; after the beginning a message is a new question."""
    questions = await begun(database, REQUEST)
    assert await join(questions, 102) == "answer-1"
    assert await join(questions, 101) == "answer-1"
    assert await join(questions, 101) == "answer-1"
    assert (await questions.begin("answer-1")).texts == ("part 101", "part 102")
    assert await join(questions, 103) is None
    assert (await questions.begin("answer-1")).texts == ("part 101", "part 102")


async def test_a_deleted_message_leaves_the_question(database: Database) -> None:
    """Its text is kept nowhere; the other parts stay."""
    questions = await begun(database, REQUEST)
    assert await join(questions, 101) == "answer-1"
    assert await join(questions, 102) == "answer-1"
    await questions.leave(101)
    assert (await questions.begin("answer-1")).texts == ("part 102",)
    assert not await questions.has(101)


async def test_others_and_repeated_events_join_nothing(database: Database) -> None:
    """Only the same person's further messages join."""
    questions = await begun(database, REQUEST)
    assert await join(questions, 101, person_id=6) is None
    assert await join(questions, 100) is None
    assert not (await questions.parts("answer-1")).texts


async def test_no_part_is_lost_between_joining_and_beginning(database: Database) -> None:
    """Whatever comes first: each message is either part of the question or a question of its own."""
    requests = [replace(REQUEST, job_id=f"answer-{number}", requester_id=number) for number in range(1, 9)]
    questions = await begun(database, *requests)

    async def race(number: int) -> tuple[bool, bool]:
        joined, parts = await asyncio.gather(
            join(questions, 1000 + number, person_id=number), questions.begin(f"answer-{number}")
        )
        return joined is not None, bool(parts.texts)

    results = await asyncio.gather(*(race(number) for number in range(1, 9)))
    assert all(joined == counted for joined, counted in results)


async def test_conversation_is_forgotten_as_a_whole(database: Database) -> None:
    """Rows of the conversation go, those of another one stay, and so does the file that both hold."""
    conversations = ConversationRepository(database)
    for each in (1, 2):
        await conversations.add_readings(each, guild_id=9, channel_id=each, items=[(item(10 * each), READING)])
        await conversations.add_turns(each, [Turn(each, "person", 5, "hi")])
        await conversations.correct(each, 10 * each, Correction("a fox", 5), made_by="x")
        await conversations.keep_summary(each, "said hi", 1)
    assert (await conversations.load(1)).corrections_of(item(10)) == (Correction("a fox", 5),)
    forgotten = await conversations.forget(1)
    assert (forgotten.items, forgotten.turns, forgotten.corrections, forgotten.hashes) == (1, 1, 1, ())
    gone = await conversations.load(1)
    assert (gone.items, gone.turns, gone.corrections, gone.summary) == ((), (), (), "")
    assert len((await conversations.load(2)).items) == 1
    assert (await conversations.forget(2)).hashes == ("ab" * 32,)
    assert await conversations.of_channel(2) == []


async def test_changed_message_changes_the_question_that_it_joined(database: Database) -> None:
    """Its part has the new words, for every job that is made of the question; the same words change nothing."""
    questions = await begun(database, REQUEST)
    await join(questions, 101)
    assert await questions.reword(101, "other words") == "answer-1"
    assert await questions.reword(101, "other words") is None
    assert await questions.reword(999, "words of no question") is None
    await questions.begin("answer-1")
    await JobRepository(database).stop("answer-1")
    await begun(database, replace(REQUEST, job_id="answer-1-e1"))
    assert await join(questions, 102) == "answer-1-e1"
    assert (await questions.begin("answer-1-e1")).texts == ("other words", "part 102")


async def test_reworded_job_asks_the_new_words(database: Database) -> None:
    """Only its words change."""
    await begun(database, REQUEST)
    await JobRepository(database).reword("answer-1", "whence")
    await JobRepository(database).reword("answer-2", "of no job")
    job = await JobRepository(database).get("answer-1")
    assert job is not None
    assert job.request == replace(REQUEST, text="whence")


async def test_odd_characters_are_stored_everywhere(database: Database) -> None:
    """NUL and halves of surrogate pairs, which no database takes, are left out of whatever people wrote."""
    odd, tidy = "a\0b \ud83d\ude00 \ud83d", "ab 😀 \ufffd"
    questions = await begun(database, REQUEST)
    part = {"place_id": 77, "conversation_id": 77, "person_id": 5}
    assert await questions.join(**part, message_id=101, text=odd) == "answer-1"
    assert await questions.join(**part, message_id=102, text="plain") == "answer-1"
    assert await questions.reword(101, odd) is None, "the same words"
    assert await questions.reword(102, odd) == "answer-1"
    assert (await questions.parts("answer-1")).texts == (tidy, tidy)
    jobs, conversations = JobRepository(database), ConversationRepository(database)
    await jobs.reword("answer-1", odd)
    job = await jobs.get("answer-1")
    assert job is not None
    assert job.request.text == tidy
    await conversations.add_turns(77, [Turn(100, "person", 5, odd)])
    for _ in range(2):
        await conversations.keep_summary(77, odd, 1)
    kept = await conversations.load(77)
    assert (kept.turns[0].text, kept.summary) == (tidy, tidy)


async def test_conversation_is_found_by_place_reply_or_newest_job(database: Database) -> None:
    """A thread that goes on with another conversation leads there; direct messages alone, to the newest."""
    jobs, conversations = JobRepository(database), ConversationRepository(database)

    async def found(channel_id: int, replied: int | None = None, *, is_direct: bool = False) -> int | None:
        return await conversations.find(channel_id=channel_id, is_direct=is_direct, replied_message_id=replied)

    direct = Origin(None, 50, 501, False)
    for job_id, origin, goes_on_with, place in (
        ("describe-1", Origin(1, 9, 300, True), None, Place(300, 3001, is_thread=True)),
        ("answer-2", Origin(1, 9, 400, True), 300, Place(400, 4001, is_thread=True)),
        ("describe-3", direct, None, Place(50, 502, reply_to=501)),
        ("describe-4", replace(direct, message_id=511), None, Place(50, 512, reply_to=511)),
        ("describe-5", replace(direct, message_id=521), 501, Place(50, 522, reply_to=521)),
    ):
        request = JobRequest(job_id, "read_post", 5, origin, conversation_id=goes_on_with)
        await jobs.record_place(request, place)
    assert await found(300) == 300
    assert await found(400) == 300
    assert await found(50) is None
    assert await found(50, 512) == 511
    assert await found(50, 522) == 501
    assert await found(50, is_direct=True) == 501
    assert await found(50, 512, is_direct=True) == 511
