using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Manifests;
using Xunit;

namespace Serverless.Registry.Tests.Manifests;

public sealed class ReferenceListTests
{
    [Fact]
    public void Digests_come_back_in_their_order_each_once() =>
        Prop.ForAll(Any.Digest.ListOf().ToArbitrary(), digests => ReferenceList.Decode(ReferenceList.Encode(digests.Concat(digests))).SequenceEqual(digests.Distinct()))
            .QuickCheckThrowOnFailure();
}
