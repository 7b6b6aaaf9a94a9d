using Serverless.Registry.GarbageCollection;
using Xunit;

namespace Serverless.Registry.Tests.GarbageCollection;

public sealed class OrderedProgressTests
{
    [Fact]
    public void A_place_is_reached_when_all_before_it_have_ended()
    {
        var progress = new OrderedProgress();
        var numbers = ((string[])["a", "b", "c", "d"]).Select(progress.Begin).ToList();
        Assert.Null(progress.Reached);
        progress.End(numbers[1]);
        Assert.Null(progress.Reached);
        progress.End(numbers[0]);
        Assert.Equal("b", progress.Reached);
        progress.End(numbers[3]);
        Assert.Equal("b", progress.Reached);
        progress.End(numbers[2]);
        Assert.Equal("d", progress.Reached);
    }
}
