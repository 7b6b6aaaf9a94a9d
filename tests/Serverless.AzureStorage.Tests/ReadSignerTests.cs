using System.Globalization;
using System.Net;
using System.Web;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>Signed URLs where clocks differ, and where their key is revoked.</summary>
public sealed class ReadSignerTests
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(5);

    private readonly ManualTimeProvider _time = new(startNow: true);

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(600)]
    public async Task A_URL_holds_by_storages_clock_whatever_the_local_one_says(int minutes)
    {
        using var account = new StorageAccount(_time, TimeSpan.FromMinutes(minutes));
        var (tables, objects) = account.Open();
        // As always before a URL is given out: somebody has looked for the blob.
        Assert.Null(await tables.FindAsync("blobs", new RowKey("p", "r"), default));
        var url = await SignAsync(objects);
        Assert.Equal(HttpStatusCode.NotFound, account.Follow(url));
        AssertExpires(account.Now, url);
        Assert.Equal(1, account.Keys);
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    public async Task Should_it_be_the_first_answer_of_all_the_key_is_asked_for_again(int minutes)
    {
        using var account = new StorageAccount(_time, TimeSpan.FromMinutes(minutes));
        var url = await SignAsync(account.Open().Objects);
        Assert.Equal(HttpStatusCode.NotFound, account.Follow(url));
        AssertExpires(account.Now, url);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task A_URL_signed_with_the_accounts_key_holds_by_storages_clock_too(int minutes)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            http.Response.Headers.Date = TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToString("R", CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        var (_, objects) = storage.Open(CallLimits.Default);
        Assert.Null(await objects.FindAsync("data/a", default));
        AssertExpires(TimeProvider.System.GetUtcNow().AddMinutes(minutes), await SignAsync(objects));
    }

    [Fact]
    public async Task A_revoked_key_is_noticed_within_a_minute_and_replaced()
    {
        using var account = new StorageAccount(_time, TimeSpan.Zero);
        var (_, objects) = account.Open();
        Assert.Equal(HttpStatusCode.NotFound, account.Follow(await SignAsync(objects)));
        account.RevokeKeys();
        Assert.Equal(HttpStatusCode.Forbidden, account.Follow(await SignAsync(objects)));
        _time.Advance(TimeSpan.FromMinutes(1));
        // This one is still signed with it, and is the reason to look.
        await SignAsync(objects);
        await LookAsync(objects);
        Assert.Equal(HttpStatusCode.NotFound, account.Follow(await SignAsync(objects)));
        Assert.Equal(2, account.Keys);
    }

    [Fact]
    public async Task A_good_key_is_looked_at_once_a_minute_and_kept()
    {
        using var account = new StorageAccount(_time, TimeSpan.Zero);
        var (_, objects) = account.Open();
        for (var minute = 0; minute < 5; minute++)
        {
            for (var i = 0; i < 10; i++) await SignAsync(objects);
            await LookAsync(objects);
            Assert.Equal((1, minute), (account.Keys, account.Shown));
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Storage_that_does_not_answer_says_nothing_of_the_key()
    {
        using var account = new StorageAccount(_time, TimeSpan.Zero);
        var (_, objects) = account.Open();
        await SignAsync(objects);
        account.IsBusy = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        await SignAsync(objects);
        await LookAsync(objects);
        Assert.NotEqual(0, account.Shown);
        await SignAsync(objects);
        Assert.Equal(1, account.Keys);
    }

    private static async Task<Uri> SignAsync(IObjectStore objects) => (await objects.SignReadAsync("data/a", s_lifetime, default))!;

    private static Task LookAsync(IObjectStore objects) => Assert.IsType<AzureObjectStore>(objects).Signer.Check;

    private static void AssertExpires(DateTimeOffset now, Uri url)
    {
        var expires = DateTimeOffset.Parse(HttpUtility.ParseQueryString(url.Query)["se"]!, CultureInfo.InvariantCulture);
        Assert.InRange(expires - now, s_lifetime - TimeSpan.FromSeconds(30), s_lifetime + TimeSpan.FromSeconds(30));
    }
}
