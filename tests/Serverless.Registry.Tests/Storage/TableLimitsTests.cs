using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class TableLimitsTests
{
    private static readonly RowKey s_row = new("p", "r");

    [Theory]
    [InlineData("/")]
    [InlineData("\\")]
    [InlineData("#")]
    [InlineData("?")]
    [InlineData("\t")]
    [InlineData("\n")]
    [InlineData("\u007f")]
    [InlineData("\u009f")]
    public void Some_characters_may_not_stand_in_a_key(string character)
    {
        Assert.Throws<ArgumentException>(() => TableLimits.Check(new RowKey("a" + character, "b")));
        Assert.Throws<ArgumentException>(() => TableLimits.Check(new RowKey("a", character + "b")));
    }

    [Fact]
    public void A_key_has_at_most_512_characters()
    {
        TableLimits.Check(new RowKey(new string('a', 512), new string('b', 512)));
        Assert.Throws<ArgumentException>(() => TableLimits.Check(new RowKey(new string('a', 513), "b")));
        Assert.Throws<ArgumentException>(() => TableLimits.Check(new RowKey("a", new string('b', 513))));
    }

    [Fact]
    public void A_property_has_at_most_64_KiB_and_a_type_that_rows_hold()
    {
        Assert.InRange(TableLimits.Check(With(new byte[64 * 1024])), 64 * 1024, 100_000);
        Assert.InRange(TableLimits.Check(With(new string('a', 32 * 1024))), 64 * 1024, 100_000);
        Assert.Throws<ArgumentException>(() => TableLimits.Check(With(new byte[(64 * 1024) + 1])));
        Assert.Throws<ArgumentException>(() => TableLimits.Check(With(new string('a', (32 * 1024) + 1))));
        Assert.Throws<ArgumentException>(() => TableLimits.Check(With(1.5)));
    }

    [Fact]
    public void A_row_has_at_most_1_MiB()
    {
        var properties = Enumerable.Range(0, 11).ToDictionary(i => "p" + i, object (_) => new byte[64 * 1024]);
        TableLimits.Check(new RowWrite.Upsert(s_row, properties));
        properties.Add("one", new byte[64 * 1024]);
        Assert.Throws<ArgumentException>(() => TableLimits.Check(new RowWrite.Upsert(s_row, properties)));
    }

    [Fact]
    public void A_batch_is_1_to_100_different_rows_of_one_partition()
    {
        RowWrite[] rows = [.. Enumerable.Range(0, 101).Select(i => new RowWrite.Touch(new RowKey("p", $"r{i}")))];
        TableLimits.Check(rows[..1]);
        TableLimits.Check(rows[..100]);
        Assert.Throws<ArgumentException>(() => TableLimits.Check(rows));
        Assert.Throws<ArgumentException>(() => TableLimits.Check(rows[..0]));
        Assert.Throws<ArgumentException>(() => TableLimits.Check([rows[0], rows[0]]));
        Assert.Throws<ArgumentException>(() => TableLimits.Check([rows[0], new RowWrite.Touch(new RowKey("q", "r"))]));
    }

    [Fact]
    public void A_batch_has_at_most_4_MiB()
    {
        RowWrite[] rows = [.. Enumerable.Range(0, 48).Select(i => new RowWrite.Upsert(new RowKey("p", $"r{i}"), new Dictionary<string, object> { ["v"] = new byte[64 * 1024] }))];
        TableLimits.Check(rows[..47]);
        Assert.Throws<ArgumentException>(() => TableLimits.Check(rows));
    }

    private static RowWrite With(object value) => new RowWrite.Insert(s_row, new Dictionary<string, object> { ["v"] = value });
}
