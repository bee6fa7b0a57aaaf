"""What the relay cannot read is put aside for people to look at, without secrets."""

from chat4all.adapters.dynamodb.streams import for_dead_letters


def test_a_change_is_put_aside_without_the_secret_of_its_endpoint() -> None:
    keys = {"pk": {"S": "WEBHOOKS"}, "sk": {"S": "ENDPOINT#1"}}
    image = {**keys, "url": {"S": "https://a.example"}, "secrets": {"S": '[{"value":"whsec_x"}]'}}
    change = {"Keys": keys, "OldImage": image, "NewImage": {**image, "status": {"S": "?"}}}

    aside = for_dead_letters({"eventID": "1", "dynamodb": {**change, "SizeBytes": 9}})

    assert "whsec_" not in str(aside)
    assert aside["dynamodb"]["NewImage"]["url"] == {"S": "https://a.example"}
    assert (aside["eventID"], aside["dynamodb"]["SizeBytes"]) == ("1", 9)
    assert image["secrets"]


def test_a_record_without_a_change_is_put_aside_as_well() -> None:
    assert for_dead_letters({"eventID": "1"}) == {"eventID": "1", "dynamodb": {}}
