"""Laws of RBOMs: what is written reads the same, and merging is a union."""

from hypothesis import given

from careen.model.rbom import RuntimeBom
from careen.rbom.merge import merge
from careen.rbom.store import read_rbom, write_rbom
from tests.support.boms import boms


@given(boms())
def test_what_is_written_reads_the_same(bom: RuntimeBom) -> None:
    data = write_rbom(bom)
    assert read_rbom(data) == bom
    assert write_rbom(read_rbom(data)) == data


@given(boms(), boms())
def test_merging_does_not_depend_on_the_order(one: RuntimeBom, two: RuntimeBom) -> None:
    assert write_rbom(merge([one, two])) == write_rbom(merge([two, one]))


@given(boms(), boms(), boms())
def test_merging_does_not_depend_on_the_grouping(
    one: RuntimeBom, two: RuntimeBom, three: RuntimeBom
) -> None:
    whole = write_rbom(merge([one, two, three]))
    assert write_rbom(merge([merge([one, two]), three])) == whole
    assert write_rbom(merge([one, merge([two, three])])) == whole


@given(boms(), boms())
def test_merging_again_changes_nothing(one: RuntimeBom, two: RuntimeBom) -> None:
    joined = merge([one, two])
    assert merge([one, one]) == one
    assert merge([joined, one]) == joined


@given(boms(), boms())
def test_a_merged_rbom_holds_every_use_of_both(one: RuntimeBom, two: RuntimeBom) -> None:
    joined = {
        (file.path, use.use, use.executable, use.origin): use.phases
        for file in merge([one, two]).files
        for use in file.uses
    }
    for bom in (one, two):
        for file in bom.files:
            for use in file.uses:
                assert use.phases <= joined[file.path, use.use, use.executable, use.origin]
