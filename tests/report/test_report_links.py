"""Links of a page: none leads nowhere, and from any number it is two steps to its sources."""

import re

import pytest

import uncertainty as un
from tests.report.pages import by_id
from uncertainty.directory import manifest


def test_no_link_leads_nowhere(directory, page):
    places, files = by_id(page), manifest(directory)["files"]
    assert page.links
    for href in page.links:
        if href.startswith("#"):
            assert href[1:] in places
        elif not href.startswith(("http://", "https://")):
            assert href in files


def test_links_that_leave_say_nothing_of_the_page(page):
    outward = [a.facts for a in page.every("a") if a.facts["href"].startswith("http")]
    assert outward
    assert all(facts["rel"] == "noreferrer" for facts in outward)


def test_every_number_of_the_headline_is_a_link(page):
    for row in by_id(page)["headline"].every("tbody"):
        for cell in row.every("td"):
            (link,) = cell.every("a")
            assert link.text == cell.text
            assert link.facts["href"].startswith("#")


def test_from_the_headline_every_source_of_every_parameter_is_two_links_away(directory, page):
    places = by_id(page)
    first = {href[1:] for href in places["headline"].links}
    second = {href[1:] for name in first for href in places[name].links}
    found = un.read_result(directory)["sources"].to_dataset().to_dataframe()
    for row in found.itertuples():
        texts = [places[name].text for name in second if name.startswith("source-")]
        quote = " ".join(row.quote.split())
        assert any(row.title in text and row.url in text and quote in text for text in texts)


def test_each_number_leads_to_its_own_parameters_with_their_sources(small_page):
    places = by_id(small_page)
    for row in places["headline"].every("tr"):
        hrefs = [a.facts["href"] for a in row.every("a")]
        assert hrefs in ([], ["#decides-demand"] * 3 + ["#decides-saved"])
    for name in ("decides-demand", "decides-saved"):
        rows = {r.every("th").__next__().text: r.links for r in places[name].every("tr")}
        assert [places[href[1:]].text[:8] for href in rows["<b>Level</b> & start"][1:]] == [
            places[href[1:]].text[:8] for href in places["parameter-start"].links
        ]


def test_each_parameter_leads_to_its_own_sources(directory, page):
    tree, places = un.read_result(directory), by_id(page)
    cited = tree["sources"].to_dataset().to_dataframe()
    for name in tree["parameters"]["parameter"].values:
        own = cited[cited["parameter"] == str(name).partition("[")[0]]
        entries = [places[href[1:]] for href in places[f"parameter-{name}"].links]
        documents = own[["title", "publisher", "date", "url"]].drop_duplicates()
        assert len(entries) == len(documents)
        for row in documents.itertuples():
            assert any(row.title in e.text and row.url in e.text for e in entries)


def test_each_source_leads_out_where_its_address_is_one(directory, page):
    cited = un.read_result(directory)["sources"].to_dataset().to_dataframe()
    addresses = {url for url in cited["url"] if re.match("https?://", url)}
    assert addresses <= set(by_id(page)["sources"].links)
    assert not [href for href in page.links if href.startswith("javascript")]


@pytest.mark.parametrize("section", ["reserve", "steps", "turning", "rests", "published"])
def test_tables_of_the_page_lead_to_what_decides_them(page, section):
    captions = [found for found in by_id(page)[section].every("caption") if found.links]
    assert captions
    assert all(re.match("#(decides-|parameters$)", c.links[0]) for c in captions)
