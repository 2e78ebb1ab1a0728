"""Docker's official images: the files in library/ of github.com/docker-library/official-images on 2026-08-21."""

# The second paragraph has images that were removed from the folder. Docker Hub still has them.
OFFICIAL_IMAGES = frozenset(
    """
    adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux
    azul-zulu backdrop bash bonita buildpack-deps busybox caddy cassandra chronograf cirros clearlinux clefos
    clickhouse clojure composer convertigo couchbase couchdb crate dart debian docker drupal eclipse-mosquitto
    eclipse-temurin eggdrop elasticsearch elixir emqx erlang espocrm fedora flink fluentd friendica gazebo gcc
    geonetwork ghost golang gradle groovy haproxy haskell haxe hello-world hitch httpd hylang
    ibm-semeru-runtimes ibmjava influxdb irssi jetty joomla jruby julia kapacitor kibana kong krakend
    lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo mongo-express
    monica mysql nats neo4j neurodebian nextcloud nginx nim node notary odoo open-liberty openjdk oraclelinux
    orientdb percona perl photon php php-zendserver phpmyadmin plone postfixadmin postgres pypy python r-base
    rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine
    satosa silverpeas solr sonarqube spark spiped storm swift swipl teamspeak telegraf tomcat tomee traefik
    ubuntu unit varnish websphere-liberty wordpress xwiki yourls znc zookeeper

    adoptopenjdk celery centos consul couchdb-nouveau crux django docker-dev euleros express-gateway fsharp
    glassfish hello-seattle hipache hola-mundo iojs java jenkins jobber kaazing-gateway known
    lightstreamer-server mono mosquitto nats-streaming notary-server notary-signer nuxeo opensuse owncloud
    piwik rails rapidoid sentry sl sourcemage swarm thrift ubuntu-debootstrap ubuntu-upstart vault zend-php
    """.split()
)
