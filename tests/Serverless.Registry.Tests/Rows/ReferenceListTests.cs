using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Xunit;

namespace Serverless.Registry.Tests.Rows;

public sealed class ReferenceListTests
{
    [Fact]
    public void Digests_come_back_in_order_and_each_once() => Prop.ForAll(Any.Digest.ListOf().ToArbitrary(), digests =>
        ReferenceList.Decode(ReferenceList.Encode([.. digests, .. digests])).SequenceEqual(digests.Distinct())).QuickCheckThrowOnFailure();

    [Fact]
    public void A_digest_takes_its_hash_and_one_byte()
    {
        Assert.Empty(ReferenceList.Encode([]));
        Assert.Equal(33, ReferenceList.Encode([Digest.Compute(DigestAlgorithm.Sha256, [])]).Length);
        Assert.Equal(65, ReferenceList.Encode([Digest.Compute(DigestAlgorithm.Sha512, [])]).Length);
    }

    [Fact]
    public void What_is_no_list_is_refused_and_not_read_as_another()
    {
        var list = ReferenceList.Encode([Digest.Compute(DigestAlgorithm.Sha256, [])]);
        Assert.Throws<InvalidDataException>(() => ReferenceList.Decode(list.AsSpan(0, 20)));
        Assert.Throws<InvalidDataException>(() => ReferenceList.Decode([0, .. list]));
    }
}
